using RestKv.Checkers.History;
using RestKv.Checkers.Search;
using RestKv.Checkers.Witness;

namespace RestKv.Checkers.Tests;

public sealed class ValidHistoryTests
{
    [Theory]
    [InlineData(1, 8, 10, 3)]
    [InlineData(2, 3, 2, 10)]
    [InlineData(3, 20, 3, 2)]
    [InlineData(4, 5, 40, 0)]
    [InlineData(5, 2, 2, 25)]
    [InlineData(6, 12, 5, 1)]
    public void Both_checkers_accept_generated_histories(ulong firstSeed, int clients, int keys, int unknownPercent)
    {
        for (var seed = firstSeed * 1000; seed < (firstSeed * 1000) + 20; seed++)
        {
            var generator = new HistoryGenerator(seed, clients, keys, unknownPercent);
            generator.Run(400);

            var witness = WitnessChecker.Check(generator.Operations, generator.Order);
            var search = SearchChecker.Check(generator.Operations);

            Assert.True(witness.IsValid, $"seed {seed}: {string.Join("\n", witness.Violations)}");
            Assert.True(search.Verdict == SearchVerdict.Linearizable, $"seed {seed}: {search.Verdict} {string.Join("\n", search.Violations)}");
        }
    }

    [Fact]
    public void A_history_survives_json_lines()
    {
        var generator = new HistoryGenerator(77);
        generator.Run(500);
        using var text = new StringWriter();

        HistoryJson.WriteAll(text, generator.Operations);
        using var reader = new StringReader(text.ToString());
        var back = HistoryJson.ReadAll(reader);
        using var again = new StringWriter();
        HistoryJson.WriteAll(again, back);

        Assert.Equal(generator.Operations.Count, back.Count);
        Assert.Equal(text.ToString(), again.ToString());
        Assert.True(WitnessChecker.Check(back, generator.Order).IsValid);
        Assert.Equal(SearchVerdict.Linearizable, SearchChecker.Check(back).Verdict);
    }
}
