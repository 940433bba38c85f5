using System.CommandLine;
using RestKv.Api.Hosting;
using RestKv.Api.Hosting.Options;
using RestKv.Storage;
using RestKv.Storage.Inspect;

namespace RestKv.Api.Cli;

/// <summary>`restkv check`: reads a data directory as a start would, changes nothing, and says what a start would find.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var command = new Command("check", "Read every byte of a data directory and say whether a start would lose anything (offline).");
        var flags = new OptionFlags(command, [OptionCatalog.OfProperty(nameof(NodeOptions.DataDir))]);
        command.SetAction(parsed =>
        {
            var loaded = flags.LoadOwn(parsed);
            return OptionFlags.Report(loaded)
                ? Code(DirectoryCheck.Run(new PhysicalFileSystem(loaded.Options.DataDir), Console.Out.WriteLine))
                : ExitCodes.Usage;
        });
        return command;
    }

    /// <summary>What the next start mends by itself is no failure.</summary>
    private static int Code(DirectoryHealth health) => health switch
    {
        DirectoryHealth.Intact or DirectoryHealth.TornTail or DirectoryHealth.Degraded => ExitCodes.Ok,
        DirectoryHealth.Damaged => ExitCodes.Corrupt,
        DirectoryHealth.Unusable => ExitCodes.Usage,
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
