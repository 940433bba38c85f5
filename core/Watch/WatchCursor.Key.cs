using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Core.Watch;

/// <summary>
/// History of a watch that wants a single key: its own versions instead of everybody's. Ten thousand such watches that come back
/// together then cost what changed on their keys, not ten thousand readings of the log.
/// </summary>
public sealed partial class WatchCursor
{
    /// <summary>
    /// False when the watch wants more than one key, or the key has more versions to tell than a turn should look at: the chain
    /// of versions leads from the newest back, so the log, which leads forward, is the better way then.
    /// </summary>
    private bool TryReadKey(WatchBatch batch, ReadView view)
    {
        if (Filter.Parts is not [{ Range: { Kind: KeyRangeKind.Single } range }] || _nextSub > 0)
        {
            return false;
        }

        // 1. Back to where this watch is.
        var changes = new Stack<Change>();
        var history = view.History(range.Start.Span, view.Revision);
        while (history.MoveNext() && history.Current is var change && change.KeyValue.ModRevision >= _next)
        {
            if (changes.Count == _limits.TurnEvents)
            {
                return false;
            }

            changes.Push(change);
        }

        // 2. And forward again, up to the end of a revision.
        while (changes.TryPop(out var next))
        {
            var revision = next.KeyValue.ModRevision;
            if (Filter.Wants(next.IsDelete))
            {
                batch.Add(_feed.Recent.For(next), endsRevision: false);
            }

            var endsRevision = !changes.TryPeek(out var following) || following.KeyValue.ModRevision > revision;
            if (endsRevision)
            {
                batch.EndRevision(revision);
                MoveTo(revision);
                if (changes.Count > 0 && batch.IsOver(_limits, scanned: 0, factor: 1))
                {
                    return true;
                }
            }
        }

        // 3. Nothing else happened to the key.
        MoveTo(view.Revision);
        return true;
    }
}
