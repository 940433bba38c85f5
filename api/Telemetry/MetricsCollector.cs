using System.Buffers;
using System.Diagnostics.Metrics;

namespace RestKv.Api.Telemetry;

/// <summary>
/// Listens to one meter, keeps the sums, and writes them in the Prometheus text format. Counters and histograms are summed as
/// they happen; observable instruments are asked at each scrape.
/// </summary>
public sealed class MetricsCollector : IDisposable
{
    /// <summary>What the text format is called in a Content-Type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly MeterListener _listener;

    /// <summary>Guards the list and makes scrapes take turns. A queue would not do: a scrape answers its own caller.</summary>
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, MetricAlias> _aliases = new(StringComparer.Ordinal);

    public MetricsCollector(Meter meter)
    {
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter, meter))
                {
                    listener.EnableMeasurementEvents(instrument, AddFamily(instrument));
                }
            },
        };
        _listener.SetMeasurementEventCallback<long>(OnWhole);
        _listener.SetMeasurementEventCallback<double>(OnFraction);
        _listener.Start();
    }

    /// <summary>Writes every series as it is now.</summary>
    public void Write(IBufferWriter<byte> into)
    {
        lock (_gate)
        {
            _listener.RecordObservableInstruments();
            foreach (var family in _families.Values)
            {
                PrometheusText.Write(family, into);
            }

            foreach (var alias in _aliases.Values)
            {
                if (_families.TryGetValue(alias.Source, out var source))
                {
                    PrometheusText.Write(alias, source, into);
                }
            }
        }
    }

    /// <summary>Shows a metric under a second name from now on.</summary>
    internal void Add(MetricAlias alias)
    {
        lock (_gate)
        {
            _aliases.Add(alias.Name, alias);
        }
    }

    public void Dispose() => _listener.Dispose();

    private static void OnWhole(
        Instrument instrument, long measurement, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var series = ((MetricFamily)state!).Find(tags);
        if (instrument.IsObservable)
        {
            series.Set(measurement);
        }
        else
        {
            series.Add(measurement);
        }
    }

    private static void OnFraction(
        Instrument instrument, double measurement, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var series = ((MetricFamily)state!).Find(tags);
        if (instrument.IsObservable)
        {
            series.Set(measurement);
        }
        else
        {
            series.Observe(measurement);
        }
    }

    private MetricFamily AddFamily(Instrument instrument)
    {
        var kind = instrument switch
        {
            Histogram<double> => MetricKind.Histogram,
            Counter<long> or ObservableCounter<long> or ObservableCounter<double> => MetricKind.Counter,
            _ => MetricKind.Gauge,
        };
        var bounds = (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries;
        var family = new MetricFamily(instrument.Name, instrument.Description ?? "", kind, bounds);
        lock (_gate)
        {
            _families.Add(instrument.Name, family);
        }

        return family;
    }
}
