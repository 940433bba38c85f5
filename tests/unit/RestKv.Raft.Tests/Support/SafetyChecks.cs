namespace RestKv.Raft.Tests.Support;

/// <summary>
/// What must hold after every event, whatever happens: invariants I1 to I9. It sees all members at once, disks included,
/// and remembers for ever.
/// </summary>
internal sealed class SafetyChecks
{
    private readonly Dictionary<Term, NodeId> _leaders = [];
    private readonly Dictionary<(Term Term, NodeId Voter), NodeId> _votes = [];

    /// <summary>Every entry that ever was in a log, with the term of the one before it.</summary>
    private readonly Dictionary<(LogIndex Index, Term Term), (ulong Hash, Term Previous)> _entries = [];

    private readonly Dictionary<long, (Term Term, ulong Hash)> _committed = [];

    /// <summary>The term of the leader that committed an index.</summary>
    private readonly Dictionary<long, Term> _committedIn = [];

    private readonly Dictionary<NodeId, LogIndex> _committedOf = [];
    private readonly Dictionary<(NodeId Reader, ReadId Id), LogIndex> _reads = [];
    private readonly HashSet<(NodeId Reader, ReadId Id)> _readIds = [];

    public LogIndex HighestCommit { get; private set; }

    public int CommittedCount => _committed.Count;

    public void Restarted(Member member)
    {
        _committedOf.Remove(member.Id);
        foreach (var key in _reads.Keys.Where(key => key.Reader == member.Id).ToList())
        {
            _reads.Remove(key);
        }
    }

    public void Asked(Member member, ReadId id)
    {
        Assert.True(_readIds.Add((member.Id, id)), $"read id {id.Value} used twice");
        _reads.Add((member.Id, id), HighestCommit);
    }

    public void Sent(in Message message, Member from)
    {
        // I6: the term of whatever leaves is durable, except in pre-votes, where it is only a thought.
        if (message.Kind is not (MessageKind.PreVote or MessageKind.PreVoteReply))
        {
            Assert.True(from.Disk.HardState.Term >= message.Term, $"{message.Kind} of term {message.Term} before the disk");
        }

        switch (message.Kind)
        {
            case MessageKind.Vote:
                Voted(message.Term, message.From, message.From);
                break;
            case MessageKind.VoteReply when !message.Reject:
                Voted(message.Term, message.From, message.To);
                break;
            default:
                break;
        }
    }

    /// <summary>After an event at <paramref name="member"/>, before anything else happens.</summary>
    public void After(Member member, IReadOnlyDictionary<NodeId, Member> all)
    {
        var log = member.Core.Log;
        var known = _committedOf.GetValueOrDefault(member.Id, log.Offset);
        Assert.True(log.Committed >= known, "commit index went back");
        for (var index = Math.Max(known.Value, log.Offset.Value) + 1; index <= log.Committed.Value; index++)
        {
            Commit(log[new LogIndex(index)], member, all);
        }

        _committedOf[member.Id] = log.Committed;
        HighestCommit = log.Committed > HighestCommit ? log.Committed : HighestCommit;
        if (member.IsLeader)
        {
            Leads(member);
        }
    }

    public void Collected(Member member)
    {
        var log = member.Core.Log;
        foreach (var entry in member.Ready.Entries)
        {
            Matches(entry, log);
        }

        // I5: everybody applies the same at the same index.
        foreach (var entry in member.Ready.Committed)
        {
            Assert.Equal(_committed[entry.Index.Value], (entry.Term, Hash(entry)));
            Assert.True(member.Disk.Holds(entry.Index, entry.Term), "applied before it was durable here");
        }

        foreach (var read in member.Ready.Reads)
        {
            Assert.True(_reads.Remove((member.Id, read.Id), out var floor), "an answer to nothing");
            if (read.Confirmed)
            {
                Assert.True(read.Index >= floor, $"stale read: {read.Index} below {floor}");
            }
        }
    }

    private void Voted(Term term, NodeId voter, NodeId candidate)
    {
        if (!_votes.TryAdd((term, voter), candidate))
        {
            Assert.Equal(candidate, _votes[(term, voter)]);
        }
    }

    private void Commit(in Entry entry, Member member, IReadOnlyDictionary<NodeId, Member> all)
    {
        var index = entry.Index;
        var term = entry.Term;
        if (!_committed.TryAdd(index.Value, (term, Hash(entry))))
        {
            Assert.Equal(_committed[index.Value], (term, Hash(entry)));
            return;
        }

        _committedIn.Add(index.Value, member.Core.Term);

        // I7 and I8: whoever commits first leads, or has just committed its own removal; and a majority has it on disk.
        Assert.True(
            _leaders.TryGetValue(member.Core.Term, out var leader) && leader == member.Id,
            $"{member.Id} committed {index} before any leader");
        var voters = member.Core.Membership.Voters;
        var holders = voters.Count(voter => all[voter].Disk.Holds(index, term));
        Assert.True(holders >= (voters.Length / 2) + 1, $"{index} committed with {holders} of {voters.Length} disks");
    }

    private void Leads(Member member)
    {
        var term = member.Core.Term;
        if (!_leaders.TryAdd(term, member.Id))
        {
            // I1.
            Assert.Equal(_leaders[term], member.Id);
            return;
        }

        // I4: it holds everything that was committed in earlier terms. (A late vote may elect a leader whose term is past.)
        var log = member.Core.Log;
        foreach (var (index, committed) in _committed)
        {
            if (index > log.Offset.Value && _committedIn[index] < term)
            {
                Assert.True(log.Matches(new LogIndex(index), committed.Term), $"new leader lacks {index}");
            }
        }
    }

    private void Matches(in Entry entry, RaftLog log)
    {
        // I3 by induction: one (index, term) names one entry and one predecessor. It holds I2, too.
        if (!log.Matches(entry.Index, entry.Term) || !log.TryTermAt(entry.Index.Previous, out var previous))
        {
            return;
        }

        var seen = (Hash(entry), previous);
        if (!_entries.TryAdd((entry.Index, entry.Term), seen))
        {
            Assert.Equal(_entries[(entry.Index, entry.Term)], seen);
        }
    }

    private static ulong Hash(in Entry entry)
    {
        var hash = 14695981039346656037UL ^ (byte)entry.Kind;
        foreach (var value in entry.Payload.Span)
        {
            hash = (hash ^ value) * 1099511628211UL;
        }

        return hash;
    }
}
