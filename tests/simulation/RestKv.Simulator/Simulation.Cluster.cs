using RestKv.Raft;
using RestKv.Simulator.Checks;
using RestKv.Simulator.Cluster;
using RestKv.Simulator.Engine;

namespace RestKv.Simulator;

/// <summary>What is judged over all members together, at the moment it happens and when all have come to rest.</summary>
internal sealed partial class Simulation
{
    /// <summary>I1: one leader per term.</summary>
    public void LeaderElected(SimulatedNode node, RaftStatus status)
    {
        if (!Protocol.Leads(node.Id, status.Term))
        {
            return;
        }

        Sometimes.HitIf(Protocol.Elections > 1, "leader changed");
        Sometimes.HitIf(
            _nodes.Exists(peer => peer != node && peer.Life is { Status.Role: RaftRole.Leader }), "two leaders at once");
        Sometimes.HitIf(Scheduler.Now - _lastElection < Time.Second && _lastElection > 0, "two elections within a second");
        Sometimes.HitIf(status.Last.Value > status.Committed.Value + 1, "leader elected with an uncommitted tail");
        Sometimes.HitIf(status.Membership.Learners.Length > 0, "leader elected while somebody learns");
        _lastElection = Scheduler.Now;
        node.NoteElection("killed after an election", withinMs: 300);
        Trace.Add(node.Id.Value, "leads", status.Term.Value);
    }

    /// <summary>I6: a vote leaves.</summary>
    public void Voted(SimulatedNode voter, Term term, NodeId candidate, HardState durable)
    {
        // One that lost its disk may say anything: nobody may listen (I10).
        if (!voter.IsWiped && Protocol.Votes(voter.Id, term, candidate, durable))
        {
            voter.NoteElection("killed after a vote", withinMs: 20);
        }
    }

    /// <summary>
    /// I10: no candidate counts the vote of a member that lost its disk, and with it what it had voted and held. (What such a
    /// member acknowledges now it holds now: to a leader that others have elected that is true.)
    /// </summary>
    public void JudgeDelivery(in Message message, NodeLife receiver)
    {
        if (message is { Kind: MessageKind.VoteReply, Reject: false } && FindNode(message.From.Value) is { IsWiped: true }
            && receiver.Status is { Role: RaftRole.Candidate } status && status.Term == message.Term)
        {
            throw new SimulationFailure(
                "I10", $"member {message.To} stands in term {message.Term} and has the vote of member {message.From}, whose disk was lost");
        }
    }

    /// <summary>I10: a leader makes a voter only of one that holds its log, but for one message at most.</summary>
    public void NoteProposedMembership(SimulatedNode leader, in Entry entry, Membership next)
    {
        var before = Committed.Membership;
        foreach (var id in next.Voters)
        {
            if (before.IsVoter(id) || id == leader.Id)
            {
                continue;
            }

            var held = Committed.DurableOf(id);
            Sometimes.Hit("learner promoted");
            if (held == 0 || held + Options.AppendEntriesMax < entry.Index.Value - 1)
            {
                throw new SimulationFailure("I10", $"member {id} is made a voter at {entry.Index}, its disk holds {held}");
            }
        }
    }

    /// <summary>I32: when all clients have left, nothing of theirs is held.</summary>
    private void CheckResources()
    {
        foreach (var watcher in _watchers)
        {
            watcher.Leave();
        }

        foreach (var node in _nodes.Where(node => Committed.Membership.Contains(node.Id)))
        {
            if (node.Life is { } life && life.HeldForClients > 0)
            {
                throw new SimulationFailure("I32", $"member {node.Id} holds {life.HeldForClients} calls and watches, all clients have left");
            }
        }
    }

    private Standing StandingOf(long id)
    {
        var durable = Committed.DurableOf(new NodeId(id));
        return FindNode(id)?.Life?.Current is { Raft: var raft }
            ? new Standing(raft.Role, raft.Term.Value, raft.Committed.Value, raft.Applied.Value, durable)
            : new Standing(RaftRole.Follower, 0, 0, 0, durable);
    }

    private void NoteMembership(Entry entry, Membership before, Membership next)
    {
        var gone = before.Voters.FirstOrDefault(id => !next.IsVoter(id));
        Sometimes.HitIf(next.Learners.Length > before.Learners.Length, "learner taken in");
        Sometimes.HitIf(next.Learners.Length < before.Learners.Length && next.Voters.Length == before.Voters.Length, "learner removed");
        Sometimes.HitIf(!gone.IsNone, "voter removed");
        Sometimes.HitIf(!gone.IsNone && Protocol.LeaderOf(entry.Term) == gone, "leader removed itself");
        Sometimes.HitIf(before.Voters.Length == 1 && next.Voters.Length == 2, "cluster of one grew");
        Sometimes.HitIf(before.Voters.Length == 2 && next.Voters.Length == 1, "cluster shrank to one");
        Sometimes.HitIf(next.Voters.Length % 2 == 0, "even number of voters");
        Sometimes.HitIf(next.Voters.Length >= 5, "five voters or more");
        Sometimes.HitIf(Network.IsCut, "membership changed while links were cut");
        Sometimes.HitIf(next.Voters.Any(id => FindNode(id.Value)?.Life is null), "membership changed while a voter was down");
        Sometimes.HitIf(Protocol.HighestLeading > entry.Term.Value, "membership committed by a later leader");
        Trace.Add(0, "membership", next.Voters.Length, next.Learners.Length);
    }

    /// <summary>All members that belong to the cluster run, agree on who belongs to it, and have the same state.</summary>
    private void CheckConvergence()
    {
        var membership = Committed.Membership;
        Require(
            membership.Voters.Length + membership.Learners.Length == Committed.Members.Count,
            $"{Committed.Members.Count} members are listed, [{string.Join(' ', membership.Voters)}] vote "
            + $"and [{string.Join(' ', membership.Learners)}] learn");
        foreach (var id in membership.Voters.AddRange(membership.Learners))
        {
            var life = FindNode(id.Value)?.Life;
            Require(life?.Current is not null, $"member {id} does not run");
            var current = Invariant.NotNull(life?.Current);
            Require(
                current.Raft.Applied.Value == Committed.LastIndex,
                $"member {id} applied {current.Raft.Applied}, committed is {Committed.LastIndex}");
            Require(current.Raft.Membership.Equals(membership), $"member {id} counts by another membership than was committed last");
            Committed.CompareState(id, current.View);
            Committed.CompareMembers(id, current.Raft.Applied.Value, current.Facts.Members);
            Committed.CompareAuth(id, current.Raft.Applied.Value, current.Auth);
            life?.CompareLeases();
        }
    }
}
