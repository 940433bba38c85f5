using System.CommandLine;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RestKv.Api.Hosting;
using RestKv.Api.Hosting.Options;

namespace RestKv.Api.Cli;

/// <summary>`restkv health`: asks the member of this machine whether it is ready. For containers, which have no curl.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var command = new Command("health", "Ask the member on this machine whether it is ready; exit code 0 means yes.");
        var flags = new OptionFlags(command,
        [
            OptionCatalog.OfProperty(nameof(NodeOptions.ListenClientUrls)), OptionCatalog.OfProperty(nameof(NodeOptions.CertFile)),
            OptionCatalog.OfProperty(nameof(NodeOptions.KeyFile)),
        ]);
        var timeout = new Option<string>("--timeout")
        {
            Description = "How long to wait for the answer. [2s]",
            HelpName = "DURATION",
        };
        command.Add(timeout);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var loaded = flags.LoadOwn(parsed);
            var wait = DurationText.Parse(parsed.GetValue(timeout) ?? DurationText.Show(DefaultTimeout), TimeSpan.FromSeconds(1));
            if (wait.Fault is { } fault)
            {
                await Console.Error.WriteLineAsync($"restkv: --timeout {fault}");
                return ExitCodes.Usage;
            }

            return OptionFlags.Report(loaded)
                ? await AskAsync(loaded.Options, wait.Value, cancellationToken)
                : ExitCodes.Usage;
        });
        return command;
    }

    /// <summary>An address that means "any" is asked on loopback.</summary>
    internal static Uri Loopback(Uri listening)
    {
        var host = OptionDefaults.IsWildcard(listening)
            ? listening.HostNameType is UriHostNameType.IPv6 ? "[::1]" : IPAddress.Loopback.ToString()
            : listening.Host;
        return new UriBuilder(listening) { Host = host, Path = "/readyz" }.Uri;
    }

    /// <summary>
    /// Over TLS the member's own certificate is shown, should it ask for one, and whatever it shows is taken: this machine asks
    /// itself, nothing secret is sent, and a certificate that others would refuse is not for a health check to find.
    /// </summary>
    private static SocketsHttpHandler Handler(NodeOptions options, TimeSpan timeout)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = timeout };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null;
        if (options.CertFile.Length > 0 && options.KeyFile.Length > 0)
        {
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(
                X509Certificate2.CreateFromPemFile(options.CertFile, options.KeyFile), null, offline: true);
        }

        return handler;
    }

    private static async Task<int> AskAsync(NodeOptions options, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var address = Loopback(options.ListenClientUrls[0]);
        try
        {
            using var client = new HttpClient(Handler(options, timeout)) { Timeout = timeout };
            using var response = await client.GetAsync(address, cancellationToken);
            var text = (await response.Content.ReadAsStringAsync(cancellationToken)).Trim();
            await Console.Out.WriteLineAsync(response.IsSuccessStatusCode ? "ready" : $"not ready: {(int)response.StatusCode} {text}");
            return response.IsSuccessStatusCode ? ExitCodes.Ok : ExitCodes.Failed;
        }
        catch (HttpRequestException failure)
        {
            await Console.Error.WriteLineAsync($"restkv: no answer from {address}: {failure.Message}");
            return ExitCodes.Failed;
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"restkv: cert-file {options.CertFile}, key-file {options.KeyFile}: {failure.Message}");
            return ExitCodes.Failed;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"restkv: no answer from {address} within {DurationText.Show(timeout)}");
            return ExitCodes.Failed;
        }
    }
}
