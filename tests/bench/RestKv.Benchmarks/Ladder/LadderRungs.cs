using System.Diagnostics;

namespace RestKv.Benchmarks.Ladder;

/// <summary>The rungs, from the disk up: what one costs more than the one before it is what its layer costs.</summary>
public enum LadderRungs
{
    RawSync = 0,
    LogAppend = 1,
    Replica = 2,
    Http = 3,
}

/// <summary>Opens rungs.</summary>
internal static class LadderRungsOpening
{
    public static async Task<ILadderRung> OpenAsync(this LadderRungs rung) => rung switch
    {
        LadderRungs.RawSync => new RawSyncRung(),
        LadderRungs.LogAppend => new LogAppendRung(),
        LadderRungs.Replica => await ReplicaRung.OpenAsync(),
        LadderRungs.Http => await HttpRung.OpenAsync(),
        _ => throw new UnreachableException(),
    };
}
