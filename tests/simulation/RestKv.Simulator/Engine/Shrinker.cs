namespace RestKv.Simulator.Engine;

/// <summary>
/// Finds a simpler run that still breaks the same rule: fewer fault classes, members, changes of members, clients, watchers and seconds.
/// </summary>
public static class Shrinker
{
    public static ShrunkRun Shrink(RunResult failed)
    {
        var rule = failed.Violations[0].Rule;
        var best = failed;
        foreach (var fault in Enum.GetValues<FaultClasses>().Where(fault => fault is not (FaultClasses.None or FaultClasses.All)))
        {
            Try(options => options with { Faults = options.Faults & ~fault });
        }

        Try(options => options with { MembersEveryMs = 0, Faults = options.Faults & ~FaultClasses.Wipe });
        Try(options => options with { Watchers = 0 });
        for (var members = 1; members < best.Options.Members; members++)
        {
            var fewer = members;
            Try(options => options with { Members = Math.Min(options.Members, fewer) });
        }

        for (var i = 0; i < 3; i++)
        {
            Try(options => options.MembersEveryMs == 0 ? options : options with { MembersEveryMs = options.MembersEveryMs * 2 });
        }

        Try(options => options with { LeasePercent = 0 });
        Try(options => options with { CompactPercent = 0, RetainedRevisions = 0 });
        Try(options => options with { IdempotentPercent = 0 });
        Try(options => options with { TinyStore = false });
        Try(options => options with { TinyWatches = false });
        Try(options => options with { StateCheckMs = 1 << 20 });
        Try(options => options with { SnapshotBytesMin = 1 << 30 });
        for (var i = 0; i < 3; i++)
        {
            Try(options => options with { Clients = Math.Max(1, options.Clients / 2) });
            Try(options => options with { SafetySeconds = Math.Max(1, options.SafetySeconds / 2) });
        }

        return new ShrunkRun(best);

        void Try(Func<SimulationOptions, SimulationOptions> simplify)
        {
            var simpler = simplify(best.Options);
            if (simpler != best.Options && Simulation.Run(simpler) is var result && result.Violations.Any(violation => violation.Rule == rule))
            {
                best = result;
            }
        }
    }
}
