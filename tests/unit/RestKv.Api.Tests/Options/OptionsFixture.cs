using System.Text;
using RestKv.Api.Hosting.Options;

namespace RestKv.Api.Tests.Options;

/// <summary>Loads options from what a test says stands on the command line, in the environment and in the file.</summary>
internal sealed class OptionsFixture : IDisposable
{
    public const long MemoryLimitBytes = 8L << 30;

    private readonly List<string> _files = [];

    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    public string? ConfigPath { get; set; }

    public string WriteFile(string json)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, json, new UTF8Encoding(false));
        _files.Add(path);
        ConfigPath = path;
        return path;
    }

    public OptionsResult Load(params (string Flag, string Value)[] flags) =>
        new NodeOptionsLoader(Environment, new OptionDefaults("box", MemoryLimitBytes)).Load(
            [.. flags.Select(flag => new OptionSetting(
                OptionCatalog.Find(flag.Flag)!, flag.Value, OptionSource.Flag, $"flag --{flag.Flag}"))],
            ConfigPath);

    public string Fault(params (string Flag, string Value)[] flags) => Assert.Single(Load(flags).Faults).ToString();

    public void Dispose() => _files.ForEach(File.Delete);
}
