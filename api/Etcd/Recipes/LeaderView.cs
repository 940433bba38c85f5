using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Core.Watch;

namespace RestKv.Api.Etcd.Recipes;

/// <summary>
/// Who leads an election, followed change by change: the first look tells the oldest key, later changes tell what becomes of it.
/// </summary>
internal sealed class LeaderView(KeyRange line)
{
    private readonly KeyRange _line = line;
    private KeyValue? _leader;

    /// <summary>Changes up to here are known from a look at the whole line.</summary>
    private long _seen;

    public KeyValue Leader => _leader ?? throw new InvalidOperationException("nobody leads");

    /// <summary>At which the leader was seen last: of the look, or of its own change.</summary>
    public long Revision { get; private set; }

    /// <summary>True when there is a leader, or another value of the same one, that the last look did not show.</summary>
    public bool Look(ReadView view, long revision)
    {
        var before = _leader;
        _seen = Revision = revision;
        _leader = Contenders.First(view, _line, revision);
        return _leader is { } leader
            && (before is not { } last || last.ModRevision != leader.ModRevision || !IsSameKey(last, leader.Key.Span));
    }

    /// <summary>True when the change made a new leader, or gave the leader a new value.</summary>
    /// <param name="newest">A state in which the change is.</param>
    public bool Follow(WatchEvent change, Func<ReadView> newest)
    {
        if (change.Revision <= _seen)
        {
            return false;
        }

        var isLeader = _leader is { } leader && IsSameKey(leader, change.Change.KeyValue.Key.Span);
        if (!change.Change.IsDelete)
        {
            if (_leader is not null && !isLeader)
            {
                return false;
            }

            _leader = change.Change.KeyValue;
            Revision = change.Revision;
            return true;
        }

        if (!isLeader)
        {
            return false;
        }

        // The next in line, as it was then if that can still be told.
        var view = newest();
        _leader = null;
        return Look(view, change.Revision >= view.CompactedRevision ? change.Revision : view.Revision);
    }

    private static bool IsSameKey(in KeyValue pair, ReadOnlySpan<byte> key) => pair.Key.Span.SequenceEqual(key);
}
