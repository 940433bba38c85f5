using System.Buffers;
using System.Globalization;
using System.Text;

namespace RestKv.Api.Telemetry;

/// <summary>The Prometheus text format, version 0.0.4: one HELP and TYPE line per metric, then its series.</summary>
internal static class PrometheusText
{
    public static void Write(MetricFamily family, IBufferWriter<byte> into)
    {
        var lines = new StringBuilder();
        foreach (var series in family.Series)
        {
            if (family.Kind is MetricKind.Histogram)
            {
                AppendHistogram(lines, family.Name, series);
            }
            else
            {
                AppendSample(lines, family.Name, series.Labels, series.Value);
            }
        }

        if (lines.Length == 0)
        {
            return;
        }

        var help = family.Help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        var head = $"# HELP {family.Name} {help}\n# TYPE {family.Name} {TypeName(family.Kind)}\n";
        Encoding.UTF8.GetBytes(head, into);
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
    private static void AppendHistogram(StringBuilder lines, string name, MetricSeries series)
    {
        var comma = series.Labels.Length > 0 ? "," : "";
        long count = 0;
        for (var bucket = 0; bucket < series.Bounds.Length; bucket++)
        {
            count += series.Bucket(bucket);
            AppendSample(lines, name + "_bucket", $"{series.Labels}{comma}le=\"{Number(series.Bounds[bucket])}\"", count);
        }

        count += series.Bucket(series.Bounds.Length);
        AppendSample(lines, name + "_bucket", $"{series.Labels}{comma}le=\"+Inf\"", count);
        AppendSample(lines, name + "_sum", series.Labels, series.Sum);
        AppendSample(lines, name + "_count", series.Labels, count);
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
