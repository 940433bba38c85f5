using System.CommandLine;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RestKv.Api.Cli.Import;

namespace RestKv.Api.Cli;

/// <summary>`restkv import`: moves a live etcd into this store, and says whether every key has come.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var command = new Command(
            "import",
            "Copy a running etcd at one revision, follow it by watch, and cut over: on Ctrl-C or SIGTERM it catches up and compares every key; "
                + "exit code 0 means that all are equal. A second signal gives up. Keys, values and leases are copied. Not copied are "
                + "history and versions, and users and roles: etcd does not show passwords, so make them anew.");
        var flags = new ImportFlags(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = new ImportReport(Console.Out, Console.Error, TimeProvider.System);
            try
            {
                return await RunAsync(flags.Read(parsed), report, cancellationToken);
            }
            catch (ImportFailure failure)
            {
                report.Say($"restkv: {failure.Message}");
                return failure.ExitCode;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(ImportOptions options, ImportReport report, CancellationToken cancellationToken)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var stop = new StopRequest();
        if (options.Mode == ImportMode.Once)
        {
            stop.Ask();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        try
        {
            using var run = new ImportRun(options, report, TimeProvider.System);
            return await run.RunAsync(stop, given.Token);
        }
        catch (OperationCanceledException) when (given.IsCancellationRequested)
        {
            throw new ImportFailure(ExitCodes.Failed, "interrupted; run it again with --overwrite, which writes only what differs");
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ImportFailure(ExitCodes.Usage, $"a certificate cannot be used: {failure.Message}");
        }

        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            if (stop.IsAsked || options.Mode is ImportMode.DryRun or ImportMode.Verify)
            {
                given.Cancel();
                return;
            }

            stop.Ask();
            report.Say("cutting over as soon as everything is here; a second signal gives up");
        }
    }
}
