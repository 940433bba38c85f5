using System.Diagnostics;
using RestKv.Checkers.Search;
using RestKv.Checkers.Witness;
using Xunit.Abstractions;

namespace RestKv.Checkers.Tests;

public sealed class CheckerSpeedTests(ITestOutputHelper output)
{
    [Fact]
    public void A_hundred_thousand_operations_are_judged()
    {
        var generator = new HistoryGenerator(2026, clients: 16, keys: 20, unknownPercent: 1);
        generator.Run(100_000);

        var clock = Stopwatch.StartNew();
        var witness = WitnessChecker.Check(generator.Operations, generator.Order);
        var witnessMs = clock.ElapsedMilliseconds;
        var search = SearchChecker.Check(generator.Operations);
        output.WriteLine($"{generator.Operations.Count} operations: witness {witnessMs} ms, search {clock.ElapsedMilliseconds - witnessMs} ms");

        Assert.True(witness.IsValid, string.Join("\n", witness.Violations));
        Assert.True(search.Verdict == SearchVerdict.Linearizable, $"{search.Verdict} {string.Join("\n", search.Violations)}");
    }
}
