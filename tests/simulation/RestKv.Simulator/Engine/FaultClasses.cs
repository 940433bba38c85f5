namespace RestKv.Simulator.Engine;

/// <summary>What may go wrong in a run; the shrinker takes one away after the other.</summary>
[Flags]
public enum FaultClasses
{
    None = 0,

    /// <summary>kill -9 between two events.</summary>
    Kill = 1 << 0,

    /// <summary>Loss of power between two events: what was not synced is kept, dropped or torn.</summary>
    PowerCut = 1 << 1,

    /// <summary>Loss of power before the n-th file-system call from now, recovery included.</summary>
    CutAtCall = 1 << 2,

    /// <summary>A sync fails with EIO: the process ends.</summary>
    SyncError = 1 << 3,

    /// <summary>The disk is full for a while.</summary>
    DiskFull = 1 << 4,

    /// <summary>The process stands still for a while.</summary>
    Pause = 1 << 5,

    /// <summary>The disk is a hundred times slower, or stuck.</summary>
    SlowDisk = 1 << 6,

    /// <summary>The wall clock jumps.</summary>
    WallJump = 1 << 7,

    /// <summary>Requests or answers between clients and members get lost.</summary>
    ClientLoss = 1 << 8,

    /// <summary>Watch connections break.</summary>
    WatchCut = 1 << 9,

    /// <summary>Messages between members get lost, late, or come twice.</summary>
    PeerLoss = 1 << 10,

    /// <summary>Links between members are cut, one way or both.</summary>
    Partition = 1 << 11,

    /// <summary>A leader is asked to hand over, as by its administrator or before it stops. No fault, but a change of leaders.</summary>
    HandOver = 1 << 12,

    /// <summary>A member loses its disk and starts under its old id with an empty one.</summary>
    Wipe = 1 << 13,

    /// <summary>An old copy of a member's disk is put back. Never drawn: members do not notice it yet.</summary>
    Rollback = 1 << 14,

    All = (1 << 15) - 1,
}
