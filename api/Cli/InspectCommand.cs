using System.CommandLine;
using RestKv.Api.Hosting;
using RestKv.Api.Hosting.Options;
using RestKv.Storage;
using RestKv.Storage.Inspect;

namespace RestKv.Api.Cli;

/// <summary>
/// `restkv inspect`: prints log segments record by record and snapshots by their facts. Needs nothing to be whole, so it also
/// serves where a start refuses.
/// </summary>
internal static class InspectCommand
{
    private const string WalDirectory = "wal";
    private const string SnapshotDirectory = "snapshots";

    public static Command Create()
    {
        var command = new Command("inspect", "Print what the log and the snapshots of a data directory hold (offline).");
        var flags = new OptionFlags(command, [OptionCatalog.OfProperty(nameof(NodeOptions.DataDir))]);
        var names = new Argument<string[]>("FILE")
        {
            Description = "Files below the data directory, such as wal/… or snapshots/…; all when none is given.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        command.Add(names);
        command.SetAction(parsed =>
        {
            var loaded = flags.LoadOwn(parsed);
            return OptionFlags.Report(loaded)
                ? Print(new PhysicalFileSystem(loaded.Options.DataDir), parsed.GetValue(names) ?? [], Console.Out)
                : ExitCodes.Usage;
        });
        return command;
    }

    private static int Print(PhysicalFileSystem files, string[] names, TextWriter output)
    {
        try
        {
            var chosen = names.Length > 0
                ? names
                : [.. Below(files, SnapshotDirectory, ".snap"), .. Below(files, WalDirectory, ".wal")];
            if (chosen.Length == 0)
            {
                Console.Error.WriteLine($"restkv: {files.Root} holds no log and no snapshots");
                return ExitCodes.Usage;
            }

            // All are printed, also after a damaged one: the point is to see what there is.
            var isIntact = true;
            foreach (var path in chosen)
            {
                isIntact &= path.EndsWith(".snap", StringComparison.Ordinal)
                    ? SnapshotDump.Write(files, path, output.WriteLine)
                    : WalDump.Write(files, path, output.WriteLine);
            }

            return isIntact ? ExitCodes.Ok : ExitCodes.Corrupt;
        }
        catch (StorageIoException failure)
        {
            Console.Error.WriteLine($"restkv: {failure.Message}");
            return ExitCodes.Usage;
        }
    }

    private static IEnumerable<string> Below(PhysicalFileSystem files, string directory, string ending) =>
        files.List(directory).Where(name => name.EndsWith(ending, StringComparison.Ordinal)).Select(name => $"{directory}/{name}");
}
