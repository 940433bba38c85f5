using System.Globalization;
using RestKv.Raft;

namespace RestKv.Testing;

/// <summary>
/// Randomness a failed test can be run again with: the seed comes from RESTKV_SEED, or from the caller, and stands in the
/// message of every failure through <see cref="Run"/>.
/// </summary>
public sealed class SeededRandom
{
    public const string SeedVariable = "RESTKV_SEED";

    private SplitMix64 _numbers;

    public SeededRandom(ulong seed)
    {
        Seed = seed;
        _numbers = new SplitMix64(seed);
    }

    public ulong Seed { get; }

    /// <summary>Runs a test body with a fixed seed, or with the one in the environment, and names it when the body fails.</summary>
    public static void Run(ulong seed, Action<SeededRandom> body)
    {
        var chosen = Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } text
            ? ulong.Parse(text, CultureInfo.InvariantCulture)
            : seed;
        try
        {
            body(new SeededRandom(chosen));
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"seed {chosen} (run it again with {SeedVariable}={chosen}): {failure.Message}", failure);
        }
    }

    /// <summary>A number in [0, <paramref name="exclusiveMax"/>).</summary>
    public int Next(int exclusiveMax) => (int)(_numbers.Next() % (ulong)exclusiveMax);

    public int Next(int min, int exclusiveMax) => min + Next(exclusiveMax - min);

    public bool OneIn(int chances) => Next(chances) == 0;

    public T Pick<T>(IReadOnlyList<T> from) => from[Next(from.Count)];

    public byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        for (var position = 0; position < length; position++)
        {
            bytes[position] = (byte)_numbers.Next();
        }

        return bytes;
    }
}
