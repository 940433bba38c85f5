using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using RestKv.Api.Hosting;
using RestKv.Api.Hosting.Options;
using RestKv.Storage;

namespace RestKv.Api.Cli;

/// <summary>`restkv snapshot`: takes a backup of a running member; says whether one is whole and what it holds.</summary>
internal static class SnapshotCommand
{
    public static Command Create() => new("snapshot", "Take backups and look after them.") { CreateSave(), CreateStatus() };

    private static Command CreateSave()
    {
        var command = new Command("save", "Take a backup of a running member into a file, which is whole as soon as it has its name.");
        var file = new Argument<string>("FILE") { Description = "Where it goes; a file of that name is replaced when all has come." };
        var endpoint = new Option<string>("--endpoint")
        {
            Description = "The member to ask. [the one on this machine, by --listen-client-urls]",
            HelpName = "URL",
        };
        command.Add(file);
        command.Add(endpoint);
        var flags = new OptionFlags(command,
        [
            OptionCatalog.OfProperty(nameof(NodeOptions.ListenClientUrls)), OptionCatalog.OfProperty(nameof(NodeOptions.CertFile)),
            OptionCatalog.OfProperty(nameof(NodeOptions.KeyFile)), OptionCatalog.OfProperty(nameof(NodeOptions.TrustedCaFile)),
        ]);
        command.SetAction((parsed, cancellationToken) =>
        {
            var loaded = flags.LoadOwn(parsed);
            if (!OptionFlags.Report(loaded))
            {
                return Task.FromResult(ExitCodes.Usage);
            }

            var text = parsed.GetValue(endpoint);
            var address = text is null ? HealthCommand.Loopback(loaded.Options.ListenClientUrls[0]) : ParseEndpoint(text);
            return address is null
                ? Task.FromResult(Fail(ExitCodes.Usage, $"--endpoint {text}: must be an address such as http://127.0.0.1:2379"))
                : SaveAsync(address, loaded.Options, parsed.GetValue(file)!, cancellationToken);
        });
        return command;
    }

    private static Command CreateStatus()
    {
        var status = new Command("status", "Read a backup to its last bit, decode it, and say what it holds (offline).");
        var file = new Argument<string>("FILE") { Description = "A backup as GET /v1/snapshot gives it." };
        status.Add(file);
        status.SetAction(parsed => ShowStatus(parsed.GetValue(file)!));
        return status;
    }

    private static Uri? ParseEndpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
        && address is { PathAndQuery: "/", UserInfo: "" }
            ? address
            : null;

    private static async Task<int> SaveAsync(Uri endpoint, NodeOptions options, string file, CancellationToken cancellationToken)
    {
        try
        {
            await Console.Out.WriteLineAsync($"saved: {Describe(await BackupDownload.SaveAsync(endpoint, options, file, cancellationToken))}");
            return ExitCodes.Ok;
        }
        catch (Exception failure) when (failure is HttpRequestException or TimeoutException)
        {
            return Fail(ExitCodes.Failed, $"no backup from {endpoint}: {failure.Message} {failure.InnerException?.Message}".TrimEnd());
        }
        catch (CorruptDataException damage)
        {
            return Fail(ExitCodes.Corrupt, $"{damage.Message}; nothing was saved");
        }
        catch (StorageIoException failure)
        {
            return Fail(failure.Operation == "open" ? ExitCodes.Usage : ExitCodes.DiskFailed, failure.Message);
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return Fail(
                ExitCodes.Usage,
                $"cert-file {options.CertFile}, key-file {options.KeyFile}, trusted-ca-file {options.TrustedCaFile}: {failure.Message}");
        }
    }

    private static int ShowStatus(string file)
    {
        try
        {
            Console.Out.WriteLine($"intact: {Describe(BackupRestore.Check(file))}");
            return ExitCodes.Ok;
        }
        catch (CorruptDataException damage)
        {
            return Fail(ExitCodes.Corrupt, damage.Message);
        }
        catch (StorageIoException failure)
        {
            return Fail(ExitCodes.Usage, failure.Message);
        }
    }

    private static string Describe(BackupFacts facts) => string.Create(
        CultureInfo.InvariantCulture,
        $"cluster {facts.Cluster}, revision {facts.Revision}, {facts.Keys} keys, {facts.Leases} leases, "
            + $"log index {facts.Mark.Index}, term {facts.Mark.Term}, {facts.DataBytes} bytes, content sha256 {facts.Digest}");

    private static int Fail(int code, string text)
    {
        Console.Error.WriteLine($"restkv: {text}");
        return code;
    }
}
