using RestKv.Checkers.History;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Raft;
using RestKv.Simulator.Checks;
using RestKv.Simulator.Clients;
using RestKv.Simulator.Engine;

namespace RestKv.Simulator.Cluster;

/// <summary>
/// The administrator: takes members in, promotes, replaces and removes them at any time, and starts and stops the processes
/// that go with it. What he is told must be what the rules of the list say.
/// </summary>
internal sealed class MemberOperator(Simulation simulation, SimulationRandom random)
{
    internal const long RestMin = 1500 * Time.Millisecond;
    private const int ProcessesMax = 7;
    private const long Patience = 1500 * Time.Millisecond;
    private readonly HashSet<long> _switchedOff = [];
    private int _names = simulation.Options.Members;
    private bool _isRepairing;
    private long _lastAct;
    private long _quietUntil;

    public static string AddressOf(string name) => $"http://{name}:7071";

    public void Begin()
    {
        if (simulation.Options.MembersEveryMs > 0)
        {
            simulation.Scheduler.After(Pause(), Next);
            simulation.Scheduler.After(SwitchOffEvery, SwitchOffRemoved);
        }
    }

    /// <summary>Faults are over: what cannot come back is sent away, what is missing is started.</summary>
    public void Repair()
    {
        _isRepairing = true;
        Tidy();
    }

    private const long SwitchOffEvery = 100 * Time.Millisecond;

    private long Pause() => random.Between(simulation.Options.MembersEveryMs / 4, simulation.Options.MembersEveryMs * 2L) * Time.Millisecond;

    private IReadOnlyList<SimulatedNode> Running => [.. simulation.Nodes.Where(node => !node.IsGone)];

    /// <summary>The newest list that any member shows.</summary>
    private MemberList List => simulation.Nodes
        .Select(node => node.Life?.Current).OfType<Core.Replication.Publication>()
        .OrderByDescending(publication => publication.Raft.Applied.Value).FirstOrDefault()?.Facts.Members ?? MemberList.Empty;

    /// <summary>Nothing is under way: the last act is some time ago, and who is listed to vote does.</summary>
    public bool IsAtRest => simulation.Scheduler.Now - _lastAct > RestMin
        && List.Members.Where(member => member.Wanted == MemberRole.Voter).Select(member => member.Id)
            .SequenceEqual(simulation.Committed.Membership.Voters);

    /// <summary>
    /// He does nothing while a disk is about to be lost and until everybody has noticed: with a removal under way nobody could
    /// survive it.
    /// </summary>
    public void StandStill() => _quietUntil = simulation.Scheduler.Now + (2 * RestMin);

    private void Next()
    {
        if (_isRepairing)
        {
            return;
        }

        var list = List;
        if (list.Members.Length > 0 && simulation.Scheduler.Now >= _quietUntil)
        {
            Do(list);
        }

        simulation.Scheduler.After(Pause(), Next);
    }

    private void Do(MemberList list)
    {
        var some = random.Pick(list.Members);
        switch (random.Next(20))
        {
            case < 6:
                Add(NodeId.None);
                break;
            case < 9:
                Ask("promote", new Command.MemberPromote(some.Id));
                break;
            case < 13:
                Ask("remove", new Command.MemberRemove(some.Id));
                break;
            case < 16:
                Add(some.Id);
                break;
            case < 17 when Leader(list) is { } leader:
                Ask("remove the leader", new Command.MemberRemove(leader));
                break;
            case < 18:
                Ask("move", new Command.MemberUpdate(some.Id, [AddressOf(some.Name), $"http://{some.Name}:{random.Next(1000)}"]));
                break;
            case < 19 when list.Removed.Count > 0 && random.OneIn(2):
                Ask("promote", new Command.MemberPromote(random.Pick(list.Removed)));
                break;
            case < 19 when list.Removed.Count > 0:
                Ask("bring back", new Command.MemberAdd(random.Pick(list.Removed), $"n{++_names}", [], MemberRole.Voter, NodeId.None));
                break;
            case var _ when some.StoreId != 0:
                Ask("announce another disk", new Command.MemberAnnounce(some.Id, some.Name, [], 1 + random.Next(1000)));
                break;
        }
    }

    private NodeId? Leader(MemberList list) => simulation.Nodes
        .FirstOrDefault(node => node.Life is { IsSettledLeader: true } && list.Find(node.Id) is not null)?.Id;

    /// <summary>A new member, in the place of another or besides them all; now and then its machine never comes up.</summary>
    private void Add(NodeId replaces)
    {
        if (Running.Count >= ProcessesMax)
        {
            return;
        }

        var name = $"n{++_names}";
        var wanted = replaces.IsNone && random.OneIn(2) ? MemberRole.Learner : MemberRole.Voter;
        var never = random.OneIn(8);
        simulation.Sometimes.HitIf(never, "member added that cannot be reached");
        if (!never)
        {
            var node = simulation.AddNode(NodeId.None, name, Membership.Empty, random.Fork());
            simulation.Scheduler.After(random.Between(0, 1000) * Time.Millisecond, node.Start);
        }

        Ask(replaces.IsNone ? "add" : "replace", new Command.MemberAdd(NodeId.None, name, [AddressOf(name)], wanted, replaces));
    }

    private void Ask(string what, Command.MemberChange change)
    {
        var node = simulation.PickNode(random);
        if (node.Life is not { } life)
        {
            return;
        }

        _lastAct = simulation.Scheduler.Now;
        simulation.Trace.Add(node.Id.Value, "asked to " + what);
        var id = simulation.NextOperationId();
        var request = new HistoryRequest.Submit(change, AuthUser.RootName) { Credential = Credential.OfUser(0) };
        var call = new Call(id, request, 0, (_, reply, outcome) => Answered(what, id, reply, outcome));
        node.After(random.Between(20, 500) * Time.Microsecond, life, () => life.Receive(call));
    }

    private void Answered(string what, int operationId, HistoryReply? reply, HistoryOutcome outcome)
    {
        simulation.Trace.Add(0, $"{what}: {outcome}");
        if (outcome != HistoryOutcome.Ok || reply is not HistoryReply.Result { Value: var result })
        {
            simulation.Sometimes.HitIf(outcome == HistoryOutcome.Unknown, "membership change of unknown outcome");
            return;
        }

        if (!simulation.Committed.TryAnswer(operationId, out var expected))
        {
            throw new SimulationFailure("I19", $"\"{what}\" was answered with {result}, its entry is not committed");
        }

        var isRight = result switch
        {
            OperationResult.MemberChanged changed => expected.Refusal is null && changed.Id == expected.Id,
            OperationResult.Rejected rejected => rejected.Rejection.Code == expected.Refusal,
            _ => false,
        };
        if (!isRight)
        {
            throw new SimulationFailure(
                "I11", $"\"{what}\" was answered with {result}, not {expected.Refusal?.ToString() ?? expected.Id.ToString()}");
        }

        simulation.Sometimes.Hit(expected.Refusal is { } code ? "refused: " + code : "members: " + what);
    }

    /// <summary>Removed members are switched off some time after they ceased to vote; some are started again before that.</summary>
    private void SwitchOffRemoved()
    {
        foreach (var node in Running.Where(node => !node.Id.IsNone && IsOut(node.Id) && _switchedOff.Add(node.Id.Value)).ToArray())
        {
            if (_isRepairing)
            {
                node.SwitchOff();
                continue;
            }

            if (random.OneIn(3))
            {
                simulation.Sometimes.Hit("removed member started again");
                node.End("kill", cutsPower: false);
            }

            simulation.Scheduler.After(random.Between(0, 4000) * Time.Millisecond, node.SwitchOff);
        }

        simulation.Scheduler.After(SwitchOffEvery, SwitchOffRemoved);
    }

    private bool IsOut(NodeId id) => simulation.Committed.Members.Removed.Contains(id.Value) && !simulation.Committed.Membership.Contains(id);

    private void Tidy()
    {
        if (simulation.Options.MembersEveryMs > 0 || simulation.Nodes.Any(node => node.IsWiped && !node.IsGone))
        {
            SwitchOffLeftovers();
            foreach (var member in List.Members.Where(member => !CanCome(member)))
            {
                Ask("remove", new Command.MemberRemove(member.Id));
            }
        }

        if (!simulation.IsOver)
        {
            simulation.Scheduler.After(Patience / 3, Tidy);
        }
    }

    private bool CanCome(Member member) => simulation.Nodes.Any(node =>
        !node.IsGone && !node.IsWiped && (node.Id == member.Id || (node.Id.IsNone && node.Name == member.Name)));

    /// <summary>Newcomers that nobody expects, removed members, and those whose disk was lost, once nobody counts on them.</summary>
    private void SwitchOffLeftovers()
    {
        var list = List;
        foreach (var node in Running.ToArray())
        {
            var isUnexpected = node.Id.IsNone && !list.Members.Any(member => member.Name == node.Name);
            if (isUnexpected || (!node.Id.IsNone && IsOut(node.Id)))
            {
                node.SwitchOff();
            }
        }
    }
}
