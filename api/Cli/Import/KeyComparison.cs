using System.Runtime.CompilerServices;
using RestKv.Api.Etcd.Messages;
using KeyRange = RestKv.Core.Model.KeyRange;

namespace RestKv.Api.Cli.Import;

/// <summary>
/// Walks both sides in key order, page by page, and gives what differs: in the value, or in whether a lease is there. The source is
/// read at one revision. The target is read as it is, so what was given may be written while the walk goes on: it is behind it.
/// </summary>
internal sealed class KeyComparison(EtcdClient source, EtcdClient target, KeyMap keys)
{
    /// <summary>Keys of the source so far.</summary>
    public long Keys { get; private set; }

    /// <summary>Bytes of their keys and values.</summary>
    public long Bytes { get; private set; }

    public async IAsyncEnumerable<KeyDifference> DifferencesAsync(
        long revision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var i = 0; i < keys.Sources.Count; i++)
        {
            await foreach (var difference in WalkAsync(keys.Sources[i], keys.Targets[i], revision, cancellationToken))
            {
                yield return difference;
            }
        }
    }

    private async IAsyncEnumerable<KeyDifference> WalkAsync(
        KeyRange from, KeyRange to, long revision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var left = KeyPages.ReadAsync(source, from, revision, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var right = KeyPages.ReadAsync(target, to, 0, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var theirs = await NextAsync(left);
        var ours = await NextAsync(right);
        while (theirs is not null || ours is not null)
        {
            var name = theirs is null ? null : keys.ToTarget(theirs.Key);
            var order = name is null ? 1 : ours is null ? -1 : name.Span.SequenceCompareTo(ours.Key.Span);
            if (order > 0)
            {
                yield return new KeyDifference(ours!.Key, null, ours);
                ours = await NextAsync(right);
                continue;
            }

            Keys++;
            Bytes += theirs!.Key.Length + theirs.Value.Length;
            if (order < 0)
            {
                yield return new KeyDifference(name!, theirs, null);
            }
            else
            {
                if (theirs.Value != ours!.Value || theirs.Lease == 0 != (ours.Lease == 0))
                {
                    yield return new KeyDifference(name!, theirs, ours);
                }

                ours = await NextAsync(right);
            }

            theirs = await NextAsync(left);
        }
    }

    private static async ValueTask<KeyValue?> NextAsync(IAsyncEnumerator<KeyValue> pages) =>
        await pages.MoveNextAsync() ? pages.Current : null;
}
