using System.Collections.Concurrent;
using System.Text;

namespace RestKv.Api.Telemetry;

/// <summary>What Prometheus calls the type of a metric.</summary>
internal enum MetricKind : byte
{
    Counter = 0,
    Gauge = 1,
    Histogram = 2,
}

/// <summary>One instrument with all its series. Series are found by their label values without allocating.</summary>
internal sealed class MetricFamily(string name, string help, MetricKind kind, IReadOnlyList<double>? bounds)
{
    /// <summary>Label values must come from closed sets; what is beyond this many combinations is counted in one series.</summary>
    private const int SeriesMax = 1000;

    private readonly ConcurrentDictionary<LabelValues, MetricSeries> _series = new();
    private MetricSeries? _unlabelled;

    public string Name { get; } = name;

    public string Help { get; } = help;

    public MetricKind Kind { get; } = kind;

    /// <summary>All series in the order of their labels, so that two scrapes compare line by line.</summary>
    public IEnumerable<MetricSeries> Series
    {
        get
        {
            var labelled = _series.Values.OrderBy(series => series.Labels, StringComparer.Ordinal);
            return Volatile.Read(ref _unlabelled) is { } bare ? labelled.Prepend(bare) : labelled;
        }
    }

    public MetricSeries Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            return Volatile.Read(ref _unlabelled)
                ?? Interlocked.CompareExchange(ref _unlabelled, new MetricSeries("", bounds), null)
                ?? _unlabelled;
        }

        var values = new LabelValues(tags);
        return _series.TryGetValue(values, out var known) ? known : Add(values, tags);
    }

    /// <summary>Apart from <see cref="Find"/>, which would otherwise allocate the closure at every call.</summary>
    private MetricSeries Add(LabelValues values, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var isFull = _series.Count >= SeriesMax;
        var labels = isFull ? "overflow=\"true\"" : Print(tags);
        return _series.GetOrAdd(isFull ? default : values, _ => new MetricSeries(labels, bounds));
    }

    private static string Print(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            if (text.Length > 0)
            {
                text.Append(',');
            }

            text.Append(key).Append("=\"");
            text.Append((value as string ?? value?.ToString() ?? "")
                .Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal));
            text.Append('"');
        }

        return text.ToString();
    }

    /// <summary>Up to three label values; the names are the same for all series of a family.</summary>
    private readonly record struct LabelValues(string? First, string? Second, string? Third)
    {
        public LabelValues(ReadOnlySpan<KeyValuePair<string, object?>> tags)
            : this(At(tags, 0), At(tags, 1), At(tags, 2))
        {
        }

        /// <summary>
        /// Four cheap facts of each text instead of all its characters: the values are few and ours, and hashing them whole was
        /// half the cost of counting a request (300 ns).
        /// </summary>
        public override int GetHashCode() => (((Sample(First) * 31) + Sample(Second)) * 31) + Sample(Third);

        private static int Sample(string? text) =>
            string.IsNullOrEmpty(text) ? 0 : (text.Length << 24) ^ (text[0] << 16) ^ (text[text.Length / 2] << 8) ^ text[^1];

        private static string? At(ReadOnlySpan<KeyValuePair<string, object?>> tags, int position) =>
            position < tags.Length ? tags[position].Value as string ?? tags[position].Value?.ToString() : null;
    }
}
