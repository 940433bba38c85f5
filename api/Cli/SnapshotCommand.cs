using System.CommandLine;
using System.Globalization;
using RestKv.Api.Hosting;
using RestKv.Storage;

namespace RestKv.Api.Cli;

/// <summary>`restkv snapshot status`: whether a backup is whole and what it holds.</summary>
internal static class SnapshotCommand
{
    public static Command Create()
    {
        var command = new Command("snapshot", "Look after backups.");
        var status = new Command("status", "Read a backup to its last bit, decode it, and say what it holds (offline).");
        var file = new Argument<string>("FILE") { Description = "A backup as GET /v1/snapshot gives it." };
        status.Add(file);
        status.SetAction(parsed => ShowStatus(parsed.GetValue(file)!));
        command.Add(status);
        return command;
    }

    private static int ShowStatus(string file)
    {
        try
        {
            var facts = BackupRestore.Check(file);
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"intact: cluster {facts.Cluster}, revision {facts.Revision}, {facts.Keys} keys, {facts.Leases} leases, "
                    + $"log index {facts.Mark.Index}, term {facts.Mark.Term}, {facts.DataBytes} bytes, content sha256 {facts.Digest}"));
            return ExitCodes.Ok;
        }
        catch (CorruptDataException damage)
        {
            Console.Error.WriteLine($"restkv: {damage.Message}");
            return ExitCodes.Corrupt;
        }
        catch (StorageIoException failure)
        {
            Console.Error.WriteLine($"restkv: {failure.Message}");
            return ExitCodes.Usage;
        }
    }
}
