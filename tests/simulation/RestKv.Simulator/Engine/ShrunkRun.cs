namespace RestKv.Simulator.Engine;

/// <summary>The simplest failing run that was found.</summary>
public sealed record ShrunkRun(RunResult Result)
{
    public string Describe()
    {
        var options = Result.Options;
        return $"{options.Members} members, {options.Clients} clients, {options.Watchers} watchers, {options.SafetySeconds} s"
            + $", faults: {options.Faults}"
            + $"{(options.MembersEveryMs > 0 ? $", membership changes every {options.MembersEveryMs} ms" : "")}"
            + $"{(options.LeasePercent > 0 ? ", leases" : "")}{(options.CompactPercent + options.RetainedRevisions > 0 ? ", compaction" : "")}"
            + $"{(options.IdempotentPercent > 0 ? ", idempotency keys" : "")}{(options.TinyStore ? ", tiny store" : "")}"
            + $"{(options.SnapshotBytesMin < 1 << 30 ? ", snapshots" : "")}; {Result.Figures.Events} events, {Result.Figures.Operations} operations: "
            + Result.Violations[0];
    }
}
