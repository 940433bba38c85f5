using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>
/// Lets each forwarded request in once. A copy that comes later, be it that a connection broke while it was written, must
/// neither be proposed again nor be refused: whoever is refused may send the request anew under another number. Knows one
/// leadership, the last of this life; a request is taken only in the term it is meant for, so older ones do not matter.
/// Owned by the replica thread.
/// </summary>
internal sealed class ForwardGate
{
    /// <summary>How far behind the newest number of a member one may come and still be told from a copy.</summary>
    public const int Window = 4096;

    private readonly Dictionary<NodeId, Seen> _members = [];

    /// <summary>The leadership that is known about.</summary>
    public Term Term { get; private set; }

    public void Begin(Term term)
    {
        Term = term;
        _members.Clear();
    }

    /// <summary>
    /// True when this request was never asked about before. What is too old to tell, or of an earlier life of its member, is
    /// taken for a copy.
    /// </summary>
    public bool IsFirst(NodeId member, long incarnation, ReadId round)
    {
        if (!_members.TryGetValue(member, out var seen) || seen.Incarnation < incarnation)
        {
            seen = new Seen(incarnation, round.Value);
            _members[member] = seen;
        }

        return seen.Incarnation == incarnation && (seen.TryAdd(round.Value) || Defects.Has(Defect.TakeForwardTwice));
    }

    private sealed class Seen(long incarnation, long newest)
    {
        private readonly bool[] _isTaken = new bool[Window];
        private long _newest = newest;

        public long Incarnation { get; } = incarnation;

        public bool TryAdd(long round)
        {
            if (round <= _newest - Window)
            {
                return false;
            }

            // 1. What leaves the window makes room.
            for (var left = Math.Min(round - _newest, Window); left > 0; left--)
            {
                _isTaken[PlaceOf(round - left + 1)] = false;
            }

            // 2. The place of this one.
            _newest = Math.Max(_newest, round);
            ref var isTaken = ref _isTaken[PlaceOf(round)];
            var isFirst = !isTaken;
            isTaken = true;
            return isFirst;
        }

        private static int PlaceOf(long round) => (int)(round & (Window - 1));
    }
}
