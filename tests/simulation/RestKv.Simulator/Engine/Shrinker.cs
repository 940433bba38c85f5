namespace RestKv.Simulator.Engine;

/// <summary>Finds a simpler run that still breaks the same rule: fewer fault classes, clients, watchers and seconds.</summary>
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

        Try(options => options with { Watchers = 0 });
        Try(options => options with { Members = 1 });
        Try(options => options with { LeasePercent = 0 });
        Try(options => options with { CompactPercent = 0, RetainedRevisions = 0 });
        Try(options => options with { IdempotentPercent = 0 });
        Try(options => options with { TinyStore = false });
        Try(options => options with { TinyWatches = false });
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
