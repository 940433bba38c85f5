using RestKv.Raft;
using RestKv.Simulator.Engine;
using RestKv.Testing;

namespace RestKv.Simulator.Cluster;

/// <summary>Does the faults, at random times, of the classes that the run has.</summary>
internal sealed partial class Nemesis(Simulation simulation, SimulationRandom random)
{
    private readonly List<Action<SimulatedNode>> _faults = [];

    /// <summary>Faults done so far.</summary>
    public int Count { get; private set; }

    public void Begin()
    {
        Add(FaultClasses.Kill, node => End(node, "kill", cutsPower: false));
        Add(FaultClasses.PowerCut, node => End(node, "power cut", cutsPower: true));
        Add(FaultClasses.CutAtCall, ArmCut);
        Add(FaultClasses.SyncError, FailNextSync);
        Add(FaultClasses.DiskFull, FillDisk);
        Add(FaultClasses.Pause, Pause);
        Add(FaultClasses.SlowDisk, SlowDown);
        Add(FaultClasses.WallJump, Jump);
        if (simulation.Options.Members > 1 || simulation.Options.MembersEveryMs > 0)
        {
            Add(FaultClasses.Partition, Cut);
            Add(FaultClasses.Partition, CutOffLeader);
            Add(FaultClasses.Kill, Storm);
            Add(FaultClasses.HandOver, HandOver);
            Add(FaultClasses.Wipe, Wipe);
            Add(FaultClasses.Rollback, RollBack);
        }

        if (_faults.Count > 0)
        {
            Next();
        }
    }

    /// <summary>Everything is made good again, except what is broken inside.</summary>
    public void Heal()
    {
        simulation.Network.HealAll();
        simulation.Network.IsStormy = false;
        foreach (var node in simulation.Nodes)
        {
            node.DiskSlowness = 1;
            node.Disk.CapacityBytes = long.MaxValue;
            node.Disk.SyncFault = null;
            node.Disk.CutPowerBefore = 0;
            node.Resume();
        }
    }

    private void Add(FaultClasses fault, Action<SimulatedNode> act)
    {
        if (simulation.Options.Has(fault))
        {
            _faults.Add(act);
        }
    }

    private void Next()
    {
        var every = simulation.Options.FaultEveryMs;
        simulation.Scheduler.After(random.Between(every / 3, every * 2) * Time.Millisecond, () =>
        {
            if (simulation.IsFaulty(FaultClasses.All))
            {
                Count++;
                random.Pick(_faults)(simulation.PickNode(random));
                Next();
            }
        });
    }

    private void End(SimulatedNode node, string what, bool cutsPower)
    {
        if (node.Life is null)
        {
            return;
        }

        simulation.Sometimes.Hit(what);
        node.CutOutcome = random.Pick([DiskOutcome.Drop, DiskOutcome.Keep, DiskOutcome.Tear, DiskOutcome.Tear]);
        node.End(what, cutsPower);
        if (simulation.Options.Has(FaultClasses.CutAtCall) && random.OneIn(3))
        {
            ArmCut(node);
        }
    }

    private void ArmCut(SimulatedNode node)
    {
        node.CutOutcome = random.Pick([DiskOutcome.Drop, DiskOutcome.Keep, DiskOutcome.Tear, DiskOutcome.Tear]);
        node.Disk.CutPowerBefore = node.Disk.Operations + 1 + random.Next(40);
        simulation.Trace.Add(node.Id.Value, "power cut armed", node.Disk.CutPowerBefore - node.Disk.Operations);
    }

    private void FailNextSync(SimulatedNode node)
    {
        var skip = random.Next(4);
        node.Disk.SyncFault = _ =>
        {
            if (skip-- > 0)
            {
                return false;
            }

            node.Disk.SyncFault = null;
            simulation.Sometimes.Hit("sync error");
            return true;
        };
    }

    private void FillDisk(SimulatedNode node)
    {
        var used = node.Disk.Files().Sum(node.Disk.LengthOf);
        node.Disk.CapacityBytes = used + random.Next(3 * 4096);
        simulation.Sometimes.Hit("disk full");
        simulation.Trace.Add(node.Id.Value, "disk full", used);
        For(300, 4000, () => node.Disk.CapacityBytes = long.MaxValue);
    }

    private void Pause(SimulatedNode node)
    {
        if (node.Life is null)
        {
            return;
        }

        simulation.Sometimes.HitIf(node == Leader, "leader paused");
        node.Pause();
        simulation.Sometimes.Hit("pause");
        simulation.Trace.Add(node.Id.Value, "pause");
        For(5, random.OneIn(3) ? 4000 : 300, node.Resume);
    }

    private void SlowDown(SimulatedNode node)
    {
        node.DiskSlowness = random.Pick([10, 100, 1000]);
        simulation.Sometimes.Hit("slow disk");
        simulation.Trace.Add(node.Id.Value, "slow disk", node.DiskSlowness);
        For(200, 3000, () => node.DiskSlowness = 1);
    }

    private void Jump(SimulatedNode node)
    {
        node.WallOffsetMs += random.Between(-3_600_000, 3_600_000);
        simulation.Sometimes.Hit("wall clock jumped");
    }

    /// <summary>Some links, one way or both; another time one member from all others.</summary>
    private void Cut(SimulatedNode node)
    {
        simulation.Sometimes.Hit("link cut");
        simulation.Trace.Add(node.Id.Value, "links cut");
        var isWhole = random.OneIn(2);
        simulation.Sometimes.HitIf(!isWhole, "links cut one way or in part");
        simulation.Sometimes.HitIf(isWhole && node == Leader, "leader cut off awake");
        foreach (var peer in Others(node))
        {
            if (isWhole || random.OneIn(2))
            {
                simulation.Network.Cut(node.Id, peer.Id);
            }

            if (isWhole || random.OneIn(2))
            {
                simulation.Network.Cut(peer.Id, node.Id);
            }
        }

        For(200, 4000, simulation.Network.HealAll);
    }

    /// <summary>
    /// A leader that hears nobody and stands still for so long that there is another when it goes on: it does not know, and
    /// clients still ask it.
    /// </summary>
    private void CutOffLeader(SimulatedNode node)
    {
        if (Leader is not { } leader)
        {
            return;
        }

        simulation.Sometimes.Hit("leader cut off asleep");
        simulation.Trace.Add(leader.Id.Value, "leader cut off");
        foreach (var peer in Others(leader))
        {
            simulation.Network.Cut(leader.Id, peer.Id);
            simulation.Network.Cut(peer.Id, leader.Id);
        }

        leader.Pause();
        For(1000, 2500, leader.Resume);
        For(2500, 4000, simulation.Network.HealAll);
    }

    /// <summary>
    /// Elections one after the other over a slow network, in which those who have voted or won are often gone a moment later
    /// and soon back: promises and half-made leaderships meet each other again.
    /// </summary>
    private void Storm(SimulatedNode node)
    {
        simulation.Sometimes.Hit("storm of elections");
        simulation.Trace.Add(0, "storm");
        simulation.Network.IsStormy = true;
        For(1500, 5000, () => simulation.Network.IsStormy = false);
        if (Leader is { } leader)
        {
            End(leader, "kill", cutsPower: false);
        }
    }

    private SimulatedNode? Leader => simulation.Nodes.FirstOrDefault(node => node.Life is { IsSettledLeader: true } && !node.IsPaused);

    private void HandOver(SimulatedNode node)
    {
        if (Leader is { Life: { } life } leader)
        {
            simulation.Sometimes.Hit("leader asked to hand over");
            simulation.Sometimes.HitIf(!life.Membership.IsVoter(node.Id), "leader asked to hand over to no voter");
            leader.Guard(() => life.HandOver(random.OneIn(2) ? NodeId.None : node.Id));
        }
    }

    private void For(long minMs, long maxMs, Action undo) =>
        simulation.Scheduler.After(random.Between(minMs, maxMs) * Time.Millisecond, undo);
}
