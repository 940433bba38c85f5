using RestKv.Raft;

namespace RestKv.Simulator.Engine;

/// <summary>Seeded choices. Every component has a stream of its own, so that one more draw here changes nothing there.</summary>
internal sealed class SimulationRandom(ulong seed)
{
    private readonly SplitMix64 _numbers = new(seed);

    public ulong NextSeed() => _numbers.Next();

    public SimulationRandom Fork() => new(NextSeed());

    public int Next(int exclusiveMax) => _numbers.Next(exclusiveMax);

    /// <summary>A value in [min, max].</summary>
    public long Between(long min, long max) => min + (long)(_numbers.Next() % (ulong)(max - min + 1));

    public bool Percent(int percent) => Next(100) < percent;

    public bool OneIn(int chances) => Next(chances) == 0;

    public T Pick<T>(IReadOnlyList<T> from) => from[Next(from.Count)];

    /// <summary>Mostly near the minimum, now and then far beyond: delays of networks and disks look like this.</summary>
    public long LongTailed(long min, long mean, int tailPercent, long tailMax) =>
        Percent(tailPercent) ? Between(mean, tailMax) : Between(min, Math.Max(min, (2 * mean) - min));
}
