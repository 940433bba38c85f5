namespace RestKv.Api.Telemetry;

/// <summary>
/// One line (or one histogram) of the exposition: a metric with fixed label values. Written from any thread with interlocked
/// operations, read by the collector; a read may see a count without its sum, which scrapers tolerate.
/// </summary>
internal sealed class MetricSeries
{
    /// <summary>Sums are kept as whole billionths: adding them needs no compare-and-swap loop.</summary>
    private const double FixedPoint = 1e9;

    /// <summary>Stands for a counter that was never added to.</summary>
    public static readonly MetricSeries Nothing = new("", null);

    private readonly double[]? _bounds;
    private readonly long[]? _buckets;
    private long _total;
    private double _level;

    public MetricSeries(string labels, IReadOnlyList<double>? bounds)
    {
        Labels = labels;
        if (bounds is not null)
        {
            _bounds = [.. bounds];
            _buckets = new long[_bounds.Length + 1];
        }
    }

    /// <summary>Label pairs as they are printed, without braces; empty when there are none.</summary>
    public string Labels { get; }

    public ReadOnlySpan<double> Bounds => _bounds;

    public double Value => Volatile.Read(ref _level) + Volatile.Read(ref _total);

    public double Sum => Volatile.Read(ref _total) / FixedPoint;

    public long Bucket(int number) => Volatile.Read(ref _buckets![number]);

    public void Add(long amount) => Interlocked.Add(ref _total, amount);

    /// <summary>Sets the value of an observable instrument.</summary>
    public void Set(double value) => Volatile.Write(ref _level, value);

    public void Observe(double value)
    {
        var bucket = 0;
        while (bucket < _bounds!.Length && value > _bounds[bucket])
        {
            bucket++;
        }

        Interlocked.Increment(ref _buckets![bucket]);
        Interlocked.Add(ref _total, (long)(value * FixedPoint));
    }
}
