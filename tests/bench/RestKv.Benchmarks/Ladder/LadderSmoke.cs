namespace RestKv.Benchmarks.Ladder;

/// <summary>Runs every rung for a moment and checks that the puts are there. It keeps the ladder from rotting; it times nothing.</summary>
internal static class LadderSmoke
{
    private const int Puts = 100;
    private const int Callers = 8;

    public static async Task RunAsync()
    {
        foreach (var rung in Enum.GetValues<LadderRungs>())
        {
            await RunAsync(rung);
        }
    }

    /// <summary>Fails when puts are missing or too many.</summary>
    public static async Task RunAsync(LadderRungs rung)
    {
        await using var opened = await rung.OpenAsync();
        opened.Prepare();
        await opened.PutAsync(Puts, Callers);
        await opened.PutAsync(Puts, callers: 1);
        var count = await opened.CountAsync();
        if (count != 2 * Puts)
        {
            throw new InvalidOperationException($"{rung}: {count} puts are there, not {2 * Puts}");
        }
    }
}
