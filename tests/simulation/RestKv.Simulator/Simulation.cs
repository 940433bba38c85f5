using RestKv.Checkers;
using RestKv.Checkers.History;
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
    private readonly Dictionary<long, NodeId> _leaders = [];
    private readonly Dictionary<(long Voter, long Term), NodeId> _votes = [];
    private readonly Nemesis _nemesis;
    private bool _areFaultsOn;
    private bool _isHealed;
    private int _operationIds;
    private long _lastAcknowledged;

    private Simulation(SimulationOptions options)
    {
        Options = options;
        _random = new SimulationRandom(options.Seed ^ 0x5157_0c4e_11d3_77a1UL);
        Trace = new Trace(Scheduler);
        Network = new VirtualNetwork(this, _random.Fork());
        Committed = new CommittedLog(Scheduler, options.Members) { OnCommitted = NoteCommitted };
        for (var id = 1; id <= options.Members; id++)
        {
            _nodes.Add(new SimulatedNode(this, id, _random.Fork()));
        }

        Membership = new Membership([.. _nodes.Select(node => node.Id)], []);
        for (var client = 1; client <= options.Clients; client++)
        {
            _clients.Add(new SimulatedClient(this, client, _random.Fork()));
        }

        for (var watcher = 1; watcher <= options.Watchers; watcher++)
        {
            _watchers.Add(new SimulatedWatcher(this, watcher, _random.Fork()));
        }

        _nemesis = new Nemesis(this, _nodes, _random.Fork());
    }

    public SimulationOptions Options { get; }

    public Scheduler Scheduler { get; } = new();

    public Trace Trace { get; }

    public Sometimes Sometimes { get; } = new();

    public VirtualNetwork Network { get; }

    public CommittedLog Committed { get; }

    public Knowledge Knowledge { get; } = new();

    public Membership Membership { get; }

    /// <summary>Clients begin nothing new.</summary>
    public bool IsOver { get; private set; }

    /// <param name="listener">Told of every event.</param>
    public static RunResult Run(SimulationOptions options, Action<string>? listener = null)
    {
        var simulation = new Simulation(options);
        simulation.Trace.Listener = listener;
        IReadOnlyList<Violation> violations;
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
        return new RunResult(options, violations, simulation.Trace.Hash, simulation.Trace.ShowLast(), simulation.Sometimes, figures);
    }

    public bool IsFaulty(FaultClasses fault) => _areFaultsOn && Options.Has(fault);

    public SimulatedNode Node(long id) => _nodes[(int)id - 1];

    public SimulatedNode PickNode(SimulationRandom random) => random.Pick(_nodes);

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

    /// <summary>I1: one leader per term.</summary>
    public void LeaderElected(NodeId node, Term term)
    {
        if (_leaders.TryGetValue(term.Value, out var other) && other != node)
        {
            throw new SimulationFailure("I1", $"members {other} and {node} both lead in term {term}");
        }

        Sometimes.HitIf(_leaders.Count > 0, "leader changed");
        Sometimes.HitIf(_nodes.Exists(peer => peer.Id != node && peer.Life is { Status.Role: RaftRole.Leader }), "two leaders at once");
        _leaders[term.Value] = node;
        Node(node.Value).NoteElection("killed after an election", withinMs: 300);
        Trace.Add(node.Value, "leads", term.Value);
    }

    /// <summary>I6: one vote a term, whatever happens to the voter between the one and the other.</summary>
    public void Voted(SimulatedNode voter, Term term, NodeId candidate)
    {
        if (_votes.TryAdd((voter.Id.Value, term.Value), candidate))
        {
            voter.NoteElection("killed after a vote", withinMs: 20);
        }
        else if (_votes[(voter.Id.Value, term.Value)] is var earlier && earlier != candidate)
        {
            throw new SimulationFailure("I6", $"member {voter.Id} voted for {earlier} and for {candidate} in term {term}");
        }
    }

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
        foreach (var node in _nodes)
        {
            node.CutOutcome = Testing.DiskOutcome.Drop;
            node.End("last power cut", cutsPower: true);
        }

        Scheduler.RunUntil(end + (20 * Time.Second));
        Require(Committed.LastIndex >= committed, "committed entries are gone after the last power cut");
        CheckConvergence();
    }

    private void CheckConvergence()
    {
        foreach (var node in _nodes)
        {
            var life = node.Life;
            Require(life?.Current is not null, $"member {node.Id} does not run");
            var current = Invariant.NotNull(life?.Current);
            Require(
                current.Raft.Applied.Value == Committed.LastIndex,
                $"member {node.Id} applied {current.Raft.Applied}, committed is {Committed.LastIndex}");
            Committed.CompareState(node.Id, current.View);
            life?.CompareLeases();
        }
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new SimulationFailure("I33", message);
        }
    }
}
