using System.Globalization;
using System.Text.RegularExpressions;

namespace RestKv.Http.Tests.Etcd.Metrics;

/// <summary>What a scrape says: the type of each metric, and its samples by name and labels.</summary>
internal sealed partial class Exposition
{
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);

    public Exposition(string text)
    {
        var current = "";
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ');
            if (words is ["#", "TYPE", var name, var type])
            {
                Assert.True(_types.TryAdd(name, type), $"a second time: {line}");
                current = name;
            }
            else if (words[0] != "#")
            {
                var sample = Sample().Match(line);
                Assert.True(sample.Success, line);
                Assert.StartsWith(current, line, StringComparison.Ordinal);
                Assert.True(
                    _samples.TryAdd(sample.Groups["series"].Value, double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture)),
                    $"a second time: {line}");
            }
        }
    }

    public IReadOnlyDictionary<string, string> Types => _types;

    public IReadOnlyDictionary<string, double> Samples => _samples;

    public double this[string series] => _samples[series];

    public static async Task<Exposition> OfAsync(HttpClient client) => new(await client.GetStringAsync("/metrics"));

    [GeneratedRegex("""^(?<series>[a-z_][a-z0-9_]*(\{[A-Za-z_]+="[^"\n]*"(,[A-Za-z_]+="[^"\n]*")*\})?) (?<value>-?[0-9.]+(e[-+]?[0-9]+)?)$""")]
    private static partial Regex Sample();
}
