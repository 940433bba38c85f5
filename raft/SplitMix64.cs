namespace RestKv.Raft;

/// <summary>The kernel's only randomness: SplitMix64 (Steele, Lea and Flood 2014), seeded, integer only.</summary>
public sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>A value in <c>[0, exclusiveMax)</c>.</summary>
    public int Next(int exclusiveMax)
    {
        Invariant.Check(exclusiveMax > 0);
        return (int)(Next() % (ulong)exclusiveMax);
    }
}
