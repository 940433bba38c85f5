using System.Text.RegularExpressions;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Support;

/// <summary>
/// The compose file as far as tests need it: services with their environment (shared and own) and command. It is read as text, in the
/// one layout the file has; what does not look like that is not found, and the tests that expect it fail.
/// </summary>
internal sealed partial class ComposeFile
{
    private readonly Dictionary<string, string> _services;
    private readonly Dictionary<string, string> _shared;

    public ComposeFile()
    {
        Text = File.ReadAllText(Repository.PathOf("docker-compose.yml"));
        var services = Text[Text.IndexOf("\nservices:\n", StringComparison.Ordinal)..(Text.IndexOf("\nvolumes:\n", StringComparison.Ordinal) + 1)];
        _services = Service().Matches(services).ToDictionary(
            match => match.Groups["name"].Value, match => match.Groups["body"].Value, StringComparer.Ordinal);
        _shared = Settings(Regex.Match(Text, "^x-environment: &environment\n(?<body>(  .*\n)*)", RegexOptions.Multiline).Groups["body"].Value);
    }

    public string Text { get; }

    public IReadOnlyCollection<string> Services => _services.Keys;

    public IEnumerable<string> Members => _services.Keys.Where(name => _services[name].Contains("<<: *member", StringComparison.Ordinal));

    public string Body(string service) => _services[service];

    /// <summary>Own settings over the shared ones.</summary>
    public Dictionary<string, string> Environment(string service)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        if (_services[service].Contains("<<: *environment", StringComparison.Ordinal))
        {
            foreach (var (name, value) in _shared)
            {
                environment[name] = value;
            }
        }

        foreach (var (name, value) in Settings(_services[service]))
        {
            environment[name] = value;
        }

        return environment;
    }

    public string[] Command(string service) =>
        [.. Word().Matches(Regex.Match(_services[service], @"^    command: \[(?<words>.*)\]$", RegexOptions.Multiline).Groups["words"].Value)
            .Select(word => word.Groups["word"].Value)];

    private static Dictionary<string, string> Settings(string text) => Setting().Matches(text).ToDictionary(
        match => match.Groups["name"].Value, match => match.Groups["value"].Value.Trim('"'), StringComparer.Ordinal);

    [GeneratedRegex(@"^  (?<name>\w+):\n(?<body>(    .*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Service();

    [GeneratedRegex(@"^ +(?<name>RESTKV_\w+): (?<value>.+)$", RegexOptions.Multiline)]
    private static partial Regex Setting();

    [GeneratedRegex("\"(?<word>[^\"]*)\"")]
    private static partial Regex Word();
}
