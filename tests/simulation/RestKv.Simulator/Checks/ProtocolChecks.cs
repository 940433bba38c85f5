using RestKv.Raft;

namespace RestKv.Simulator.Checks;

/// <summary>
/// What consensus promises, judged at every event that could break it. The numbers are those of tests/DESIGN.md. Nothing here
/// asks the product whether it is right: it sees what members write, send and say of themselves.
/// </summary>
internal sealed class ProtocolChecks
{
    private readonly Dictionary<long, NodeId> _leaders = [];
    private readonly Dictionary<(long Voter, long Term), NodeId> _votes = [];
    private readonly Dictionary<(long Index, long Term), (Entry Entry, long TermBefore)> _written = [];

    /// <summary>Highest term in which anybody led so far; 0 before the first.</summary>
    public long HighestLeading { get; private set; }

    public int Elections => _leaders.Count;

    public NodeId LeaderOf(Term term) => _leaders.GetValueOrDefault(term.Value);

    /// <summary>I1: one leader per term. True the first time this leadership is seen.</summary>
    public bool Leads(NodeId node, Term term)
    {
        if (!_leaders.TryAdd(term.Value, node))
        {
            return _leaders[term.Value] == node
                ? false
                : throw new SimulationFailure("I1", $"members {_leaders[term.Value]} and {node} both lead in term {term}");
        }

        HighestLeading = Math.Max(HighestLeading, term.Value);
        return true;
    }

    /// <summary>
    /// I6: one vote a term, whatever happens to the voter between the one and the other, and on its disk before it leaves. True
    /// the first time.
    /// </summary>
    public bool Votes(NodeId voter, Term term, NodeId candidate, HardState durable)
    {
        // A vote may still be on its way when a higher term is on disk, too: nobody can vote in the lower one any more.
        if (durable.Term < term || (durable.Term == term && durable.Vote != candidate))
        {
            throw new SimulationFailure(
                "I6",
                $"member {voter} votes for {candidate} in term {term}, its disk holds term {durable.Term} and vote {durable.Vote}");
        }

        var isNew = _votes.TryAdd((voter.Value, term.Value), candidate);
        return isNew || _votes[(voter.Value, term.Value)] == candidate
            ? isNew
            : throw new SimulationFailure(
                "I6", $"member {voter} voted for {_votes[(voter.Value, term.Value)]} and for {candidate} in term {term}");
    }

    /// <summary>I3: one index and term name one entry, and one entry before it.</summary>
    /// <param name="termBefore">Negative when it is not known.</param>
    public void Writes(NodeId member, in Entry entry, long termBefore)
    {
        var place = (entry.Index.Value, entry.Term.Value);
        if (!_written.TryGetValue(place, out var known))
        {
            _written.Add(place, (entry, termBefore));
            return;
        }

        if (known.Entry.Kind != entry.Kind || !known.Entry.Payload.Span.SequenceEqual(entry.Payload.Span))
        {
            throw new SimulationFailure("I3", $"member {member} writes another entry at {entry.Index} of term {entry.Term} than was written before");
        }

        if (termBefore >= 0 && known.TermBefore >= 0 && termBefore != known.TermBefore)
        {
            throw new SimulationFailure(
                "I3", $"before entry {entry.Index} of term {entry.Term} member {member} has term {termBefore}, another had {known.TermBefore}");
        }

        if (known.TermBefore < 0)
        {
            _written[place] = (known.Entry, termBefore);
        }
    }

    /// <summary>I9: a membership is proposed while no other is uncommitted, in a term that has committed, and only for those who are there.</summary>
    /// <param name="uncommitted">Uncommitted memberships in the leader's log, this one included.</param>
    /// <param name="committedTerm">Term of the last committed entry there.</param>
    public static void Proposes(NodeId leader, Term term, int uncommitted, Term committedTerm)
    {
        if (uncommitted > 1)
        {
            throw new SimulationFailure("I9", $"member {leader} has {uncommitted} uncommitted memberships in its log");
        }

        if (committedTerm != term)
        {
            throw new SimulationFailure(
                "I9", $"member {leader} changes the membership in term {term} and has committed nothing since term {committedTerm}");
        }
    }

    /// <summary>I9: majorities of neighbouring memberships meet, for at most one voter comes or goes.</summary>
    public static void Follows(Membership before, Membership next)
    {
        var came = next.Voters.Count(id => !before.IsVoter(id));
        var went = before.Voters.Count(id => !next.IsVoter(id));
        if (came + went > 1 || next.Voters.IsEmpty)
        {
            throw new SimulationFailure(
                "I9", $"membership [{string.Join(' ', before.Voters)}] is followed by [{string.Join(' ', next.Voters)}]");
        }
    }
}
