using System.Collections.Immutable;
using RestKv.Checkers;
using RestKv.Checkers.History;
using RestKv.Core.Members;
using RestKv.Raft;
using RestKv.Simulator.Checks;
using RestKv.Simulator.Clients;
using RestKv.Simulator.Cluster;
using RestKv.Simulator.Engine;

namespace RestKv.Simulator;

/// <summary>
/// One run: members, clients and faults in virtual time on one thread. First everything may fail and nothing may be wrong
/// (safety), then faults stop and all must come to rest within bounds (liveness), then the history is judged as a whole.
/// </summary>
internal sealed partial class Simulation
{
    private readonly SimulationRandom _random;
    private readonly List<SimulatedNode> _nodes = [];
    private readonly List<SimulatedClient> _clients = [];
    private readonly List<SimulatedWatcher> _watchers = [];
    private readonly List<HistoryOperation> _operations = [];
    private readonly Dictionary<long, SimulatedNode> _byId = [];
    private readonly Nemesis _nemesis;
    private bool _areFaultsOn;
    private bool _isHealed;
    private int _operationIds;
    private long _lastAcknowledged;

    private Simulation(SimulationOptions options)
    {
        Options = options;
        _random = new SimulationRandom(options.Seed ^ 0x5157_0c4e_11d3_77a1UL);
        Trace = new Trace(Scheduler) { StandingOf = StandingOf };
        Network = new VirtualNetwork(this, _random.Fork());
        var membership = new Membership([.. Enumerable.Range(1, options.Members).Select(id => new NodeId(id))], []);
        FirstMembers =
        [
            .. membership.Voters.Select(id => new Member(id, $"n{id}", [MemberOperator.AddressOf($"n{id}")], [], MemberRole.Voter, 0, NodeId.None)),
        ];
        Committed = new CommittedLog(Scheduler, membership)
        {
            OnCommitted = NoteCommitted,
            OnMembership = NoteMembership,
            HighestLeading = () => Protocol.HighestLeading,
            LeadersMemberships = () => _nodes.Where(node => node.Life is { Status.Role: RaftRole.Leader }).Select(node => node.Life!.Membership),
        };
        foreach (var id in membership.Voters)
        {
            AddNode(id, $"n{id}", membership, _random.Fork());
        }

        for (var client = 1; client <= options.Clients; client++)
        {
            _clients.Add(new SimulatedClient(this, client, _random.Fork()));
        }

        for (var watcher = 1; watcher <= options.Watchers; watcher++)
        {
            _watchers.Add(new SimulatedWatcher(this, watcher, _random.Fork()));
        }

        _nemesis = new Nemesis(this, _random.Fork());
        Administrator = new MemberOperator(this, _random.Fork());
    }

    public SimulationOptions Options { get; }

    public Scheduler Scheduler { get; } = new();

    public Trace Trace { get; }

    public Sometimes Sometimes { get; } = new();

    public VirtualNetwork Network { get; }

    public CommittedLog Committed { get; }

    public MemberOperator Administrator { get; }

    public Knowledge Knowledge { get; } = new();

    public ProtocolChecks Protocol { get; } = new();

    /// <summary>Names and addresses of the first members.</summary>
    public ImmutableArray<Member> FirstMembers { get; }

    /// <summary>All that were ever there, those that are switched off too.</summary>
    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    /// <summary>Clients begin nothing new.</summary>
    public bool IsOver { get; private set; }

    /// <param name="listener">Told of every event.</param>
    public static RunResult Run(SimulationOptions options, Action<string>? listener = null)
    {
        var simulation = new Simulation(options);
        simulation.Trace.Listener = listener;
        List<Violation> violations;
        try
        {
            simulation.RunPhases();
            violations = simulation.Judge();
        }
        catch (SimulationFailure failure)
        {
            violations = [failure.Violation];
        }
        catch (Exception failure)
        {
            // Whatever the product throws that ends no process is a finding; the run is over, the next may go on.
            violations = [new Violation("product", failure.ToString())];
        }

        var figures = new RunFigures(
            simulation.Scheduler.Executed, simulation._operations.Count, simulation.Committed.LastIndex,
            simulation.Committed.Model.Revision, simulation._nodes.Sum(node => node.Lives), simulation._nemesis.Count);
        var last = violations.Count == 0 ? "" : simulation.Trace.ShowLast();
        return new RunResult(options, violations, simulation.Trace.Hash, last, simulation.Sometimes, figures);
    }

    public bool IsFaulty(FaultClasses fault) => _areFaultsOn && Options.Has(fault);

    public SimulatedNode? FindNode(long id) => _byId.GetValueOrDefault(id);

    /// <summary>One that was not switched off.</summary>
    public SimulatedNode PickNode(SimulationRandom random)
    {
        var node = random.Pick(_nodes);
        while (node.IsGone)
        {
            node = random.Pick(_nodes);
        }

        return node;
    }

    public SimulatedNode AddNode(NodeId id, string name, Membership first, SimulationRandom random)
    {
        var node = new SimulatedNode(this, id, name, first, random);
        _nodes.Add(node);
        if (!id.IsNone)
        {
            Identified(node);
        }

        return node;
    }

    /// <summary>A newcomer has learned its id.</summary>
    public void Identified(SimulatedNode node) => _byId.Add(node.Id.Value, node);

    public int NextOperationId() => ++_operationIds;

    public void Record(HistoryOperation operation)
    {
        _operations.Add(operation);
        if (operation is { Outcome: HistoryOutcome.Ok, Request: HistoryRequest.Submit })
        {
            _lastAcknowledged = Math.Max(_lastAcknowledged, operation.Start);
        }

        Trace.Add(0, "operation " + operation.Outcome, operation.Id, operation.Revision);
    }

    public long RestartDelay(SimulationRandom random) => random.Between(50, _isHealed ? 200 : 1500) * Time.Millisecond;

    /// <summary>A full disk may keep a process from starting.</summary>
    public bool DiskMayRefuse(SimulatedNode node) => node.Disk.CapacityBytes != long.MaxValue;

    private void RunPhases()
    {
        // 1. A quiet start.
        foreach (var node in _nodes)
        {
            node.Start();
        }

        Scheduler.After(0, SampleAvailability);
        Scheduler.RunUntil(5 * Time.Second);
        Require(_nodes.Exists(node => node.Life is { IsSettledLeader: true }), "no leader after a quiet start");

        // 2. Safety: whatever happens, nothing wrong is said.
        _areFaultsOn = true;
        _nemesis.Begin();
        Administrator.Begin();
        foreach (var client in _clients)
        {
            client.Begin();
        }

        foreach (var watcher in _watchers)
        {
            watcher.Begin();
        }

        var end = Scheduler.Now + (Options.SafetySeconds * Time.Second);
        Scheduler.RunUntil(end);

        // 3. Liveness: faults stop, writes are acknowledged again, all come to rest.
        _areFaultsOn = false;
        _isHealed = true;
        _nemesis.Heal();
        Administrator.Repair();
        Scheduler.RunUntil(end + (6 * Time.Second));
        Require(_lastAcknowledged > end, "no write that began after faults stopped was acknowledged within 6 seconds");
        IsOver = true;
        Scheduler.RunUntil(end + (14 * Time.Second));
        CheckConvergence();

        // 4. One last loss of power on every member at once: what was acknowledged must be there without it.
        foreach (var watcher in _watchers)
        {
            watcher.Stream.ExpectedThrough = Committed.Model.Revision;
        }

        var committed = Committed.LastIndex;
        foreach (var node in _nodes.Where(node => !node.IsGone))
        {
            node.CutOutcome = Testing.DiskOutcome.Drop;
            node.End("last power cut", cutsPower: true);
        }

        Scheduler.RunUntil(end + (20 * Time.Second));
        Require(Committed.LastIndex >= committed, "committed entries are gone after the last power cut");
        CheckConvergence();
        CheckResources();
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new SimulationFailure("I33", message);
        }
    }
}
