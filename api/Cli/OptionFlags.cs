using System.Collections;
using System.CommandLine;
using RestKv.Api.Hosting.Options;

namespace RestKv.Api.Cli;

/// <summary>The options of the catalog as flags of a command, and the way back from what was typed to settings.</summary>
internal sealed class OptionFlags
{
    private readonly Dictionary<OptionDefinition, Option<string?>> _flags;

    public OptionFlags(Command command, IEnumerable<OptionDefinition> definitions)
    {
        Definitions = [.. definitions];
        _flags = Definitions.ToDictionary(definition => definition, definition => new Option<string?>($"--{definition.Name}")
        {
            Description = definition.Help,
            HelpName = definition.ValueName,
            Arity = definition.IsSwitch ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
        });
        foreach (var definition in Definitions)
        {
            command.Add(_flags[definition]);
        }

        command.Add(Config);
    }

    public IReadOnlyList<OptionDefinition> Definitions { get; }

    public Option<string?> Config { get; } = new("--config")
    {
        Description = "JSON file with any of these options, named as here without the dashes.",
        HelpName = "FILE",
    };

    public OptionsResult Load(ParseResult parsed, bool validate = true)
    {
        var settings = new List<OptionSetting>();
        foreach (var definition in Definitions)
        {
            if (parsed.GetResult(_flags[definition]) is { Implicit: false } result)
            {
                var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "true";
                settings.Add(new OptionSetting(definition, text, OptionSource.Flag, $"flag --{definition.Name}"));
            }
        }

        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(
            entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);
        var defaults = new OptionDefaults(Environment.MachineName.ToLowerInvariant(), MemoryLimit.Read());
        return new NodeOptionsLoader(environment, defaults).Load(settings, parsed.GetValue(Config), validate);
    }

    /// <summary>
    /// For commands that need a few options only: what is wrong elsewhere in the configuration is for `serve` to report.
    /// </summary>
    public OptionsResult LoadOwn(ParseResult parsed)
    {
        var loaded = Load(parsed, validate: false);
        return loaded with
        {
            Faults = [.. loaded.Faults.Where(fault =>
                fault.Option == Config.Name.TrimStart('-') || Definitions.Any(definition => definition.Name == fault.Option))],
        };
    }

    /// <summary>Writes the faults to stderr; true when the options may be used.</summary>
    public static bool Report(OptionsResult result)
    {
        foreach (var fault in result.Faults)
        {
            Console.Error.WriteLine($"restkv: {fault}");
        }

        return result.Faults.Count == 0;
    }
}
