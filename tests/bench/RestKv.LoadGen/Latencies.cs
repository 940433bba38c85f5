using System.Numerics;
using System.Text.Json;

namespace RestKv.LoadGen;

/// <summary>
/// Histogram of microseconds in steps of less than one percent: exact below 256, then 128 steps to each doubling.
/// Owned by one thread at a time.
/// </summary>
internal sealed class Latencies
{
    private const int StepBits = 7;
    private const int Exact = 2 << StepBits;
    private const int Buckets = Exact + ((63 - StepBits) << StepBits);

    private readonly int[] _counts = new int[Buckets];

    public long Count { get; private set; }

    public long Worst { get; private set; }

    public void Add(long microseconds)
    {
        var value = Math.Max(0, microseconds);
        _counts[BucketOf(value)]++;
        Count++;
        Worst = Math.Max(Worst, value);
    }

    public void Add(TimeSpan elapsed) => Add((long)elapsed.TotalMicroseconds);

    public void Merge(Latencies other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
        Worst = Math.Max(Worst, other.Worst);
    }

    /// <summary>Upper end of the step in which the quantile falls, in microseconds; 0 when there is nothing.</summary>
    public long Quantile(double share)
    {
        var wanted = (long)(Count * share);
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen > wanted)
            {
                return Math.Min(UpperEndOf(i), Worst);
            }
        }

        return Worst;
    }

    public void WriteTo(Utf8JsonWriter json, string prefix = "")
    {
        json.WriteNumber(prefix + "p50_us", Quantile(.5));
        json.WriteNumber(prefix + "p99_us", Quantile(.99));
        json.WriteNumber(prefix + "p999_us", Quantile(.999));
        json.WriteNumber(prefix + "max_us", Worst);
    }

    private static int BucketOf(long value)
    {
        if (value < Exact)
        {
            return (int)value;
        }

        var shift = BitOperations.Log2((ulong)value) - StepBits;
        return (shift << StepBits) + (int)(value >> shift);
    }

    private static long UpperEndOf(int bucket)
    {
        if (bucket < Exact)
        {
            return bucket;
        }

        var shift = (bucket >> StepBits) - 1;
        long step = (bucket & ((1 << StepBits) - 1)) + (1 << StepBits);
        return ((step + 1) << shift) - 1;
    }
}
