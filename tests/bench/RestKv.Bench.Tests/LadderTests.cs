using RestKv.Benchmarks.Ladder;

namespace RestKv.Bench.Tests;

public sealed class LadderTests
{
    private const int Puts = 60;

    [Theory]
    [InlineData(LadderRungs.RawSync)]
    [InlineData(LadderRungs.LogAppend)]
    [InlineData(LadderRungs.Replica)]
    [InlineData(LadderRungs.Http)]
    public async Task A_rung_holds_what_was_put(LadderRungs rung)
    {
        await using var opened = await rung.OpenAsync();

        opened.Prepare();
        await opened.PutAsync(Puts, callers: 7);
        await opened.PutAsync(Puts, callers: 1);

        Assert.Equal(2 * Puts, await opened.CountAsync());
    }
}
