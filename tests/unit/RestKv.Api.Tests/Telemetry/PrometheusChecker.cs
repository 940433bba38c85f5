using System.Globalization;
using System.Text.RegularExpressions;

namespace RestKv.Api.Tests.Telemetry;

/// <summary>
/// A strict reader of the Prometheus text format, written from its specification: every rule a scraper or linter would
/// complain about fails the test that calls it.
/// </summary>
internal static partial class PrometheusChecker
{
    public static IReadOnlyDictionary<string, double> Check(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var samples = new Dictionary<string, double>(StringComparer.Ordinal);
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        string? current = null;
        foreach (var line in text[..^1].Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                current = line.Split(' ')[2];
                Assert.Matches("^[a-z][a-z0-9_]*$", current);
                Assert.True(line.Split(' ', 4)[3].Length > 5, $"no help text: {line}");
            }
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                Assert.Equal(current, line.Split(' ')[2]);
                Assert.True(types.TryAdd(current!, line.Split(' ')[3]), $"second TYPE: {line}");
            }
            else
            {
                CheckSample(line, current!, types, samples);
            }
        }

        foreach (var (name, type) in types)
        {
            Assert.Equal(type == "counter", name.EndsWith("_total", StringComparison.Ordinal));
        }

        CheckHistograms(types, samples);
        return samples;
    }

    private static void CheckSample(
        string line, string family, Dictionary<string, string> types, Dictionary<string, double> samples)
    {
        var match = SampleLine().Match(line);
        Assert.True(match.Success, $"not a sample: {line}");
        var name = match.Groups["name"].Value;
        var suffix = name[family.Length..];
        Assert.StartsWith(family, name, StringComparison.Ordinal);
        Assert.Contains(suffix, types[family] == "histogram" ? ["_bucket", "_sum", "_count"] : new[] { "" });
        var value = double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture);
        Assert.True(samples.TryAdd(name + match.Groups["labels"].Value, value), $"twice: {line}");
    }

    private static void CheckHistograms(Dictionary<string, string> types, Dictionary<string, double> samples)
    {
        foreach (var family in types.Where(type => type.Value == "histogram").Select(type => type.Key))
        {
            var groups = samples.Where(sample => sample.Key.StartsWith(family + "_bucket", StringComparison.Ordinal))
                .GroupBy(sample => UpperBound().Replace(sample.Key[(family.Length + "_bucket".Length)..], ""));
            foreach (var buckets in groups)
            {
                var counts = buckets.Select(bucket => bucket.Value).ToArray();
                Assert.Equal(counts.Order(), counts);
                Assert.Contains("le=\"+Inf\"", buckets.Last().Key, StringComparison.Ordinal);
                var labels = buckets.Key == "{}" ? "" : buckets.Key;
                Assert.Equal(counts[^1], samples[$"{family}_count{labels}"]);
                Assert.True(samples.ContainsKey($"{family}_sum{labels}"));
            }
        }
    }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>\{[a-zA-Z_][a-zA-Z0-9_]*="(\\[\\"n]|[^\\"\n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="(\\[\\"n]|[^\\"\n])*")*\})? (?<value>-?[0-9.]+(e[-+]?[0-9]+)?)$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex(",?le=\"[^\"]*\"")]
    private static partial Regex UpperBound();
}
