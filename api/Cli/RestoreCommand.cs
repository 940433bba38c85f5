using System.CommandLine;
using System.Globalization;
using RestKv.Api.Hosting;
using RestKv.Api.Hosting.Options;
using RestKv.Storage;

namespace RestKv.Api.Cli;

/// <summary>`restkv restore`: a new cluster from a backup; run with the same options for each of its members.</summary>
internal static class RestoreCommand
{
    public static Command Create()
    {
        var command = new Command("restore", "Make the data directory of a new cluster from a backup (offline).");
        var file = new Argument<string>("FILE") { Description = "A backup as GET /v1/snapshot gives it." };
        var bump = new Option<long>("--revision-bump")
        {
            Description = "How far revisions jump, so that none is given out twice. [1000000000]",
            HelpName = "N",
            DefaultValueFactory = _ => BackupRestore.BumpDefault,
        };
        var compacted = new Option<bool>("--mark-compacted")
        {
            Description = "Always done, and taken because etcd's tool wants it said: nothing before the jump can be read.",
        };
        command.Add(file);
        var flags = new OptionFlags(command,
        [
            OptionCatalog.OfProperty(nameof(NodeOptions.DataDir)), OptionCatalog.OfProperty(nameof(NodeOptions.Name)),
            OptionCatalog.OfProperty(nameof(NodeOptions.InitialCluster)),
            OptionCatalog.OfProperty(nameof(NodeOptions.InitialClusterToken)),
        ]);
        command.Add(bump);
        command.Add(compacted);
        command.SetAction(parsed =>
        {
            var loaded = flags.LoadOwn(parsed);
            if (!OptionFlags.Report(loaded))
            {
                return ExitCodes.Usage;
            }

            if (parsed.GetValue(bump) < 1)
            {
                return Fail(ExitCodes.Usage, "--revision-bump must be at least 1: an old watch must not resume into another history");
            }

            return Run(parsed.GetValue(file)!, loaded.Options, parsed.GetValue(bump));
        });
        return command;
    }

    private static int Run(string file, NodeOptions options, long bump)
    {
        try
        {
            var restored = BackupRestore.Run(file, options, bump);
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"restored {restored.From.Keys} keys and {restored.From.Leases} leases of revision {restored.From.Revision}, "
                    + $"cluster {restored.From.Cluster}, into {options.DataDir}"));
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"member {restored.Into.Node} of the new cluster {restored.Into.Cluster}, {restored.Into.Membership}, "
                    + $"which begins at revision {restored.Revision}"));
            return ExitCodes.Ok;
        }
        catch (CorruptDataException damage)
        {
            return Fail(ExitCodes.Corrupt, $"{damage.Message}; nothing was restored");
        }
        catch (DataDirectoryException refusal)
        {
            return Fail(ExitCodes.Usage, refusal.Message);
        }
        catch (StorageIoException failure) when (failure.Operation is "open" or "mkdir" || failure.Path == Path.GetFullPath(file))
        {
            // A wrong place, not a failing disk.
            return Fail(ExitCodes.Usage, failure.Message);
        }
        catch (StorageIoException failure)
        {
            return Fail(ExitCodes.DiskFailed, $"{failure.Message}; empty {options.DataDir} before you try again");
        }
    }

    private static int Fail(int code, string text)
    {
        Console.Error.WriteLine($"restkv: {text}");
        return code;
    }
}
