namespace RestKv.Simulator.Engine;

/// <summary>Runs many seeds, on all cores, since runs share nothing; every twentieth twice, since its trace must be the same.</summary>
public static class SeedRunner
{
    private const int RepeatEvery = 20;

    /// <summary>More at a time, which a pool that is starved would begin, only cost memory.</summary>
    internal static readonly ParallelOptions OneEachCore = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };

    /// <param name="onFailure">Told of each failure at once, from any thread.</param>
    public static SeedReport Run(ulong from, int count, int? members = null, Action<RunResult>? onFailure = null)
    {
        var results = new RunResult[count];
        Parallel.For(0, count, OneEachCore, i =>
        {
            results[i] = RunOne(from + (ulong)i, members, isRepeated: i % RepeatEvery == 0);
            if (!results[i].IsGood)
            {
                onFailure?.Invoke(results[i]);
            }
        });
        var sometimes = new Sometimes();
        foreach (var result in results)
        {
            sometimes.Add(result.Sometimes);
        }

        return new SeedReport(from, results, [.. results.Where(result => !result.IsGood)], sometimes);
    }

    private static RunResult RunOne(ulong seed, int? members, bool isRepeated)
    {
        var options = SimulationOptions.FromSeed(seed, members);
        var result = Simulation.Run(options);
        if (isRepeated && Simulation.Run(options) is var second && second.TraceHash != result.TraceHash)
        {
            return result with
            {
                Violations = [.. result.Violations, new("determinism", $"second run has trace {second.TraceHash:x16}, not {result.TraceHash:x16}")],
            };
        }

        return result;
    }
}
