using RestKv.Api.Hosting;
using RestKv.Api.Security;
using RestKv.Storage;

namespace RestKv.Api.Cli;

/// <summary>Runs the host and turns the ways its start can fail into a sentence and an exit code.</summary>
internal static class NodeRunner
{
    public static async Task<int> RunAsync(NodeOptions options, IReadOnlyList<string> warnings, CancellationToken cancellationToken)
    {
        var peerUrls = options.ListensForPeers ? options.ListenPeerUrls : [];
        if (ListenProbe.FindFault([.. options.ListenClientUrls, .. peerUrls]) is { } fault)
        {
            return await FailAsync(ExitCodes.Failed, fault);
        }

        try
        {
            await using var app = NodeApplication.Build(options, warnings);
            await app.RunAsync(cancellationToken);
            return ExitCodes.Ok;
        }
        catch (TlsConfigurationException refusal)
        {
            return await FailAsync(ExitCodes.Usage, refusal.Message);
        }
        catch (DataDirectoryException refusal)
        {
            return await FailAsync(ExitCodes.Usage, refusal.Message);
        }
        catch (CorruptDataException damage)
        {
            return await FailAsync(ExitCodes.Corrupt, $"{options.DataDir}: {damage.Message}");
        }
        catch (StorageIoException failure) when (failure.Operation == "mkdir")
        {
            // The directory cannot be made: a wrong place, not a failing disk.
            return await FailAsync(ExitCodes.Usage, failure.Message);
        }
        catch (StorageIoException failure)
        {
            return await FailAsync(ExitCodes.DiskFailed, failure.Message);
        }
        catch (IOException failure)
        {
            // Kestrel's word for an address that is taken or not ours.
            return await FailAsync(ExitCodes.Failed, failure.Message);
        }
    }

    private static async Task<int> FailAsync(int code, string text)
    {
        await Console.Error.WriteLineAsync($"restkv: {text}");
        return code;
    }
}
