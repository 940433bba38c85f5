using System.Globalization;
using RestKv.Core.Members;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Api.Peers;

/// <summary>
/// What this member knows of the others' data directories: from the log, and from all that they said while this process lives.
/// Judges every start of theirs once (DESIGN.md, "A directory that went back"). Callable from any thread.
/// </summary>
internal sealed class PeerMemory
{
    // A lock and not a queue: whoever calls waits for the judgement, and it is a few comparisons.
    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, Known> _members = [];

    /// <param name="found">From the log as it was at the start, its uncommitted end included.</param>
    public PeerMemory(IReadOnlyDictionary<NodeId, MemberEvidence>? found = null)
    {
        foreach (var (id, evidence) in found ?? new Dictionary<NodeId, MemberEvidence>())
        {
            Of(id).Listed = evidence;
        }
    }

    /// <summary>A newer list of members was applied.</summary>
    public void Learn(MemberList list)
    {
        lock (_gate)
        {
            foreach (var member in list.Members)
            {
                var known = Of(member.Id);

                // What stood in the log behind the list may still be ahead of it.
                if (member.Incarnation >= known.Listed.Incarnation && member.Held.Incarnation >= known.Listed.Held.Incarnation)
                {
                    known.Listed = MemberEvidence.Of(member);
                }
            }
        }
    }

    /// <summary>Why the caller is not who it was; null when it is, and from then on its messages are noted.</summary>
    /// <param name="tell">Told what the replica must know: that the peer's word counts no more, or again.</param>
    public PeerRefusal? Judge(PeerHello hello, Action<ReplicaEvent> tell)
    {
        lock (_gate)
        {
            var known = Of(hello.From);
            if (known.Life != 0 && known.Life == hello.Life)
            {
                Welcome(hello.From, known, tell);
                return null;
            }

            if (known.Followed.Contains(hello.Life))
            {
                // What its disk held when it began says nothing any more: it has promised since. Its next start is judged anew.
                return PeerRefusal.Stranger($"another start of member {hello.From} has followed this one");
            }

            if (LossOf(hello, known) is { } loss)
            {
                known.IsLost = true;
                TellIfGone(hello.From, known, tell);
                return loss;
            }

            known.Follow(hello);
            Welcome(hello.From, known, tell);
            return null;
        }
    }

    /// <summary>A stream of the caller begins.</summary>
    public void Opened(PeerHello hello, Action<ReplicaEvent> tell)
    {
        lock (_gate)
        {
            var known = Of(hello.From);
            known.Streams++;
            if (known.Life == hello.Life)
            {
                // Between the judgement and now a copy may have been turned away.
                Welcome(hello.From, known, tell);
            }
        }
    }

    /// <summary>It has ended.</summary>
    public void Closed(PeerHello hello, Action<ReplicaEvent> tell)
    {
        lock (_gate)
        {
            var known = Of(hello.From);
            known.Streams--;
            TellIfGone(hello.From, known, tell);
        }
    }

    /// <summary>Takes note of what the caller said. False when it is of a start that another one has followed: it counts no more.</summary>
    public bool Note(PeerHello hello, in Message message)
    {
        lock (_gate)
        {
            var known = Of(hello.From);
            if (known.Life != hello.Life)
            {
                return false;
            }

            known.Promises.Note(message);
            return true;
        }
    }

    private static PeerRefusal? LossOf(PeerHello hello, Known known)
    {
        var name = hello.From.ToString();
        var store = known.Listed.StoreId != 0 ? known.Listed.StoreId : known.StoreId;
        if (store != 0 && store != hello.StoreId)
        {
            return PeerRefusal.Lost(PeerRefusalKind.Wiped, name);
        }

        // Only starts that the cluster took note of: one that was turned away by another member must not stand in the way of the
        // real directory, whose next start has the same number.
        var listed = known.Listed;
        var due = listed.Held.DueAtStart(hello.Incarnation);
        var wasThere = due is null || hello.Incarnation < listed.Incarnation
            || (listed.Life != 0 && hello.Incarnation == listed.Incarnation && hello.Life != listed.Life);
        var missing = wasThere
            ? string.Create(CultureInfo.InvariantCulture, $"this would be start {hello.Incarnation} of it, and there was one already")
            : hello.Facts.Last.Value < due
            ? string.Create(CultureInfo.InvariantCulture, $"it had applied index {due}, and its disk ended at {hello.Facts.Last}")
            : known.Promises.MissingFrom(hello.Facts);
        return missing is null ? null : PeerRefusal.Lost(PeerRefusalKind.RolledBack, name, missing);
    }

    /// <summary>The start that was let in last speaks: whoever else came was a copy.</summary>
    private static void Welcome(NodeId peer, Known known, Action<ReplicaEvent> tell)
    {
        known.IsLost = false;
        if (known.IsTold)
        {
            known.IsTold = false;
            tell(ReplicaEvent.PeerRemembered(peer));
        }
    }

    /// <summary>
    /// While the start that was let in last still speaks, whoever comes with less is a copy of its directory, and no reason to
    /// stop listening to it.
    /// </summary>
    private static void TellIfGone(NodeId peer, Known known, Action<ReplicaEvent> tell)
    {
        if (known is { IsLost: true, IsTold: false, Streams: 0 })
        {
            known.IsTold = true;
            tell(ReplicaEvent.PeerForgot(peer));
        }
    }

    private Known Of(NodeId member)
    {
        if (!_members.TryGetValue(member, out var known))
        {
            _members.Add(member, known = new Known());
        }

        return known;
    }

    private sealed class Known
    {
        /// <summary>More starts than may still be on their way here.</summary>
        private const int FollowedMax = 32;

        public MemberEvidence Listed { get; set; }

        /// <summary>Of the start that was let in last; 0 before the first.</summary>
        public long Life { get; set; }

        /// <summary>Starts that were let in before it, oldest first.</summary>
        public Queue<long> Followed { get; } = new();

        public long StoreId { get; set; }

        public int Streams { get; set; }

        public bool IsLost { get; set; }

        public bool IsTold { get; set; }

        public Promises Promises { get; } = new();

        public void Follow(PeerHello hello)
        {
            if (Life != 0)
            {
                Followed.Enqueue(Life);
            }

            if (Followed.Count > FollowedMax)
            {
                Followed.Dequeue();
            }

            (StoreId, Life) = (hello.StoreId, hello.Life);
        }
    }
}
