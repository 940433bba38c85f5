using RestKv.Raft;
using RestKv.Simulator.Checks;
using RestKv.Simulator.Engine;
using RestKv.Storage;
using RestKv.Testing;

namespace RestKv.Simulator.Cluster;

/// <summary>
/// One member over all its lives: the disk stays, processes come and go. Faults are done to it from outside.
/// </summary>
internal sealed partial class SimulatedNode
{
    private const long JoinEvery = 150 * Time.Millisecond;

    private readonly Simulation _simulation;
    private readonly SimulationRandom _random;
    private readonly Queue<Action> _postponed = new();
    private ulong _salt;

    /// <param name="id">None for one that has to ask the others who it is.</param>
    public SimulatedNode(Simulation simulation, NodeId id, string name, Membership first, SimulationRandom random)
    {
        _simulation = simulation;
        _random = random;
        _salt = random.NextSeed();
        Id = id;
        Name = name;
        FirstMembership = first;
        Disk = NewDisk();
    }

    public NodeId Id { get; private set; }

    public string Name { get; }

    /// <summary>What an empty disk begins with; empty on a member that joins.</summary>
    public Membership FirstMembership { get; }

    public VirtualDisk Disk { get; private set; }

    /// <summary>It is switched off for ever: nobody starts it again.</summary>
    public bool IsGone { get; private set; }

    /// <summary>The running process, or null.</summary>
    public NodeLife? Life { get; private set; }

    public bool IsPaused { get; private set; }

    public int Lives { get; private set; }

    /// <summary>Times the usual latency that the disk takes.</summary>
    public int DiskSlowness { get; set; } = 1;

    public long WallOffsetMs { get; set; }

    /// <summary>How an armed power cut will treat what is unsynced.</summary>
    public DiskOutcome CutOutcome { get; set; } = DiskOutcome.Tear;

    /// <summary>Starts a process; recovery itself may be cut off, and then another start follows.</summary>
    public void Start()
    {
        // A member that was told to join and has lost its disk asks who it is, and nobody expects it a second time.
        if (Life is not null || IsGone || (IsWiped && FirstMembership.Voters.IsEmpty))
        {
            return;
        }

        if (Id.IsNone && !TryJoin())
        {
            _simulation.Scheduler.After(JoinEvery, Start);
            return;
        }

        Lives++;
        _simulation.Trace.Add(Id.Value, "start", Lives);
        Guard(() => Life = NodeLife.Begin(_simulation, this, _salt, _random.Fork()));
        if (Life is { } life)
        {
            Guard(life.Run);
        }
    }

    /// <summary>Ends it for good, as an administrator does with a member that was removed.</summary>
    public void SwitchOff()
    {
        if (IsGone)
        {
            return;
        }

        IsGone = true;
        End("switched off", cutsPower: false);
    }

    /// <summary>Asks some member under which id it is expected, as a process does that is told to join.</summary>
    private bool TryJoin()
    {
        var other = _simulation.PickNode(_random);
        if (other == this || other.IsPaused || other.Life is not { } life
            || life.Members.Members.FirstOrDefault(member => member.Name == Name && member.StoreId == 0) is not { } self)
        {
            return false;
        }

        Id = self.Id;
        _simulation.Sometimes.Hit("newcomer learned its id");
        _simulation.Identified(this);
        return true;
    }

    /// <summary>Runs what a process does; whatever ends processes ends this one.</summary>
    public void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (VirtualPowerCutException)
        {
            _simulation.Sometimes.Hit("power cut at a call");
            _simulation.Sometimes.HitIf(Life is null, "power cut in recovery");
            _simulation.Sometimes.HitIf(Life is { IsSavingSnapshot: true }, "power cut during a snapshot");
            End("power cut at a call", cutsPower: true);
        }
        catch (StorageIoException fault)
        {
            _simulation.Sometimes.Hit(Life is null ? "recovery ended by a disk fault" : "process ended by a disk fault");
            _simulation.Trace.Add(Id.Value, "exit 74: " + fault.Operation);
            End("exit", cutsPower: false);
        }
        catch (DataDirectoryException fault) when (_simulation.DiskMayRefuse(this))
        {
            _simulation.Trace.Add(Id.Value, "exit 2: " + fault.Message);
            End("exit", cutsPower: false);
        }
        catch (Exception fault) when (fault is InvariantException or CorruptDataException or DataDirectoryException)
        {
            throw new SimulationFailure("product", $"member {Id} ended itself: {fault.GetType().Name}: {fault.Message}");
        }
    }

    /// <summary>Ends the process, if there is one, and starts the next after a while.</summary>
    public void End(string why, bool cutsPower) => End(why, cutsPower, _simulation.RestartDelay(_random));

    private void End(string why, bool cutsPower, long restartDelay)
    {
        _simulation.Trace.Add(Id.Value, why, cutsPower ? 1 : 0);
        var life = Life;
        Life = null;
        life?.Die();
        _postponed.Clear();
        IsPaused = false;
        if (cutsPower)
        {
            Disk.CutPower(CutOutcome, _random.NextSeed());
        }
        else
        {
            Disk.KillProcess();
            if (!Id.IsNone)
            {
                _simulation.Network.ProcessGone(Id);
            }
        }

        _simulation.Scheduler.After(restartDelay, Start);
    }

    /// <summary>A vote has left, or a leadership was won. In a storm of elections that may be the end of the process.</summary>
    public void NoteElection(string end, long withinMs)
    {
        if (Life is not { } life)
        {
            return;
        }

        if (!_simulation.Network.IsStormy || !_random.OneIn(2))
        {
            return;
        }

        After(_random.Between(0, withinMs) * Time.Millisecond, life, () =>
        {
            _simulation.Sometimes.Hit(end);
            End(end, cutsPower: false, _random.Between(1, 60) * Time.Millisecond);
        });
    }

    public void Pause() => IsPaused = Life is not null;

    public void Resume()
    {
        IsPaused = false;
        while (!IsPaused && _postponed.TryDequeue(out var action))
        {
            action();
        }
    }

    /// <summary>Does something of this life later; while the process stands still it waits.</summary>
    public void After(long delay, NodeLife life, Action action) => _simulation.Scheduler.After(delay, () => Do(life, action));

    private void Do(NodeLife life, Action action)
    {
        if (life != Life)
        {
            return;
        }

        if (IsPaused)
        {
            _postponed.Enqueue(() => Do(life, action));
            return;
        }

        Guard(action);
    }
}
