using System.Buffers;
using System.Globalization;
using System.Text;

namespace RestKv.Api.Telemetry;

/// <summary>The Prometheus text format, version 0.0.4: one HELP and TYPE line per metric, then its series.</summary>
internal static class PrometheusText
{
    public static void Write(MetricFamily family, IBufferWriter<byte> into) =>
        Write(family.Name, family.Help, family.Kind, family.Series.Select(series => KeyValuePair.Create(series.Labels, series)), into);

    public static void Write(MetricAlias alias, MetricFamily source, IBufferWriter<byte> into) =>
        Write(alias.Name, alias.Help, source.Kind, alias.SeriesOf(source), into);

    private static void Write(
        string name, string help, MetricKind kind, IEnumerable<KeyValuePair<string, MetricSeries>> all, IBufferWriter<byte> into)
    {
        var lines = new StringBuilder();
        foreach (var (labels, series) in all)
        {
            if (kind is MetricKind.Histogram)
            {
                AppendHistogram(lines, name, labels, series);
            }
            else
            {
                AppendSample(lines, name, labels, series.Value);
            }
        }

        if (lines.Length == 0)
        {
            return;
        }

        var escaped = help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        Encoding.UTF8.GetBytes($"# HELP {name} {escaped}\n# TYPE {name} {TypeName(kind)}\n", into);
        foreach (var chunk in lines.GetChunks())
        {
            Encoding.UTF8.GetBytes(chunk.Span, into);
        }
    }

    private static string TypeName(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Gauge => "gauge",
        MetricKind.Histogram => "histogram",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Buckets are cumulative, and the count is the last of them, so that the lines agree with each other.</summary>
    private static void AppendHistogram(StringBuilder lines, string name, string labels, MetricSeries series)
    {
        var comma = labels.Length > 0 ? "," : "";
        long count = 0;
        for (var bucket = 0; bucket < series.Bounds.Length; bucket++)
        {
            count += series.Bucket(bucket);
            AppendSample(lines, name + "_bucket", $"{labels}{comma}le=\"{Number(series.Bounds[bucket])}\"", count);
        }

        count += series.Bucket(series.Bounds.Length);
        AppendSample(lines, name + "_bucket", $"{labels}{comma}le=\"+Inf\"", count);
        AppendSample(lines, name + "_sum", labels, series.Sum);
        AppendSample(lines, name + "_count", labels, count);
    }

    private static void AppendSample(StringBuilder lines, string name, string labels, double value)
    {
        lines.Append(name);
        if (labels.Length > 0)
        {
            lines.Append('{').Append(labels).Append('}');
        }

        lines.Append(' ').Append(Number(value)).Append('\n');
    }

    /// <summary>As Prometheus prints numbers itself: 5e-05, not 5E-05.</summary>
    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
}
