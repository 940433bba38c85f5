using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using RestKv.Api.Hosting;
using RestKv.Api.Hosting.Options;

namespace RestKv.Api.Cli;

/// <summary>Help of `serve`: options under headings, each with its default, and how else they can be set.</summary>
internal sealed class GroupedHelp(OptionFlags flags) : SynchronousCommandLineAction
{
    private const int TextColumn = 46;
    private const int LineWidth = 118;

    public static void Replace(Command command, OptionFlags flags) =>
        command.Add(new HelpOption { Action = new GroupedHelp(flags), Description = "Show this help." });

    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("""
            Usage: restkv serve [options]

            Runs one member of the store until SIGTERM. Without options: on http://127.0.0.1:2379, with the data in
            ./restkv-data. Every option can also be set as RESTKV_NAME_OF_OPTION in the environment or as "name-of-option"
            in a JSON file (--config FILE or RESTKV_CONFIG). Flags win over the environment, the environment over the file.
            """);
        var shown = new NodeOptions();
        foreach (var group in flags.Definitions.GroupBy(definition => definition.Group))
        {
            output.WriteLine();
            output.WriteLine(Heading(group.Key));
            foreach (var definition in group)
            {
                WriteOption(
                    output,
                    $"--{definition.Name} {definition.ValueName}",
                    $"{definition.Help} {Default(definition, shown)}".TrimEnd());
            }
        }

        output.WriteLine();
        output.WriteLine("Configuration");
        WriteOption(output, "--config FILE", flags.Config.Description!);
        WriteOption(output, "--print-config", "Show every value and where it comes from, then exit.");
        WriteOption(output, "-h, --help", "Show this help.");
        output.WriteLine();
        output.WriteLine("""
            Sizes: 1048576, 64MiB, 2GiB, 500MB.  Durations: 250ms, 30s, 1h30m.
            Exit codes: 0 stopped as asked, 1 failed, 2 wrong usage, configuration or data directory, 3 corrupt data,
            74 the disk failed to take data.
            """);
        return ExitCodes.Ok;
    }

    private static string Heading(OptionGroup group) => group switch
    {
        OptionGroup.Member => "This member",
        OptionGroup.Addresses => "Addresses",
        OptionGroup.FirstStart => "First start (not read again once the data directory exists)",
        OptionGroup.Storage => "Storage",
        OptionGroup.Limits => "Limits",
        OptionGroup.Security => "Security",
        OptionGroup.Timing => "Timing",
        OptionGroup.Logging => "Logging",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Values that depend on the machine are explained in the text of the option instead.</summary>
    private static string Default(OptionDefinition definition, NodeOptions options) => definition.Property switch
    {
        nameof(NodeOptions.QuotaBackendBytes) => "",
        nameof(NodeOptions.AdvertiseClientUrls) or nameof(NodeOptions.InitialAdvertisePeerUrls) => "",
        nameof(NodeOptions.InitialCluster) => "[this member]",
        nameof(NodeOptions.DataDir) => "[./restkv-data]",
        _ => definition.Show(options) is { Length: > 0 } value ? $"[{value}]" : "",
    };

    private static void WriteOption(TextWriter output, string names, string help)
    {
        var line = $"  {names}".PadRight(TextColumn);
        if (line.Length > TextColumn)
        {
            output.WriteLine(line);
            line = new string(' ', TextColumn);
        }

        foreach (var word in help.Split(' '))
        {
            if (line.Length + 1 + word.Length > LineWidth)
            {
                output.WriteLine(line.TrimEnd());
                line = new string(' ', TextColumn);
            }

            line += line.Length == TextColumn ? word : ' ' + word;
        }

        output.WriteLine(line.TrimEnd());
    }
}
