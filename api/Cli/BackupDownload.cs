using System.Buffers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using RestKv.Api.Hosting;
using RestKv.Storage;

namespace RestKv.Api.Cli;

/// <summary>
/// A backup from a running member into a file: under a temporary name, read back to its last bit, synced, and only then under
/// the name that was asked for. So a file of that name is whole, also after a crash, and an older one stays until it is replaced.
/// </summary>
internal static class BackupDownload
{
    private const string TemporaryEnding = ".part";
    private const int BufferBytes = 1 << 20;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>As long as the server lets a reader stand still.</summary>
    private static readonly TimeSpan StallMax = TimeSpan.FromSeconds(60);

    /// <exception cref="HttpRequestException">There was no answer, none that is a backup, or not all of it.</exception>
    /// <exception cref="TimeoutException">Nothing came for a minute.</exception>
    /// <exception cref="CorruptDataException">What came is no whole backup.</exception>
    /// <exception cref="StorageIoException">It could not be written.</exception>
    public static async Task<BackupFacts> SaveAsync(
        Uri endpoint, NodeOptions options, string file, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(file);
        var files = new PhysicalFileSystem(Path.GetDirectoryName(path) ?? "/");
        var (name, temporary) = (Path.GetFileName(path), Path.GetFileName(path) + TemporaryEnding);
        if (files.Exists(temporary))
        {
            files.Remove(temporary);
        }

        using (var into = files.Create(temporary))
        {
            try
            {
                await CopyAsync(endpoint, options, into, cancellationToken);
                var facts = BackupRestore.Check(path + TemporaryEnding);
                into.Sync();
                files.Rename(temporary, name);
                files.SyncDirectory("");
                return facts;
            }
            catch
            {
                // What came so far is of no use to anybody.
                files.Remove(temporary);
                throw;
            }
        }
    }

    private static async Task CopyAsync(Uri endpoint, NodeOptions options, IFile into, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(Handler(options)) { Timeout = Timeout.InfiniteTimeSpan };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            patience.CancelAfter(StallMax);
            using var response = await client.GetAsync(
                new Uri(endpoint, "/v1/snapshot"), HttpCompletionOption.ResponseHeadersRead, patience.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw new HttpRequestException(await ReasonAsync(response, patience.Token));
            }

            using var body = await response.Content.ReadAsStreamAsync(patience.Token);
            for (var offset = 0L; ;)
            {
                patience.CancelAfter(StallMax);
                var count = await body.ReadAsync(buffer, patience.Token);
                if (count == 0)
                {
                    return;
                }

                into.WriteAt(offset, buffer.AsSpan(0, count));
                offset += count;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"nothing came from {endpoint} for {StallMax.TotalSeconds:F0} s");
        }
        catch (IOException fault)
        {
            throw new HttpRequestException($"the answer of {endpoint} broke off: {fault.Message}", fault);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The server's own words, if it is ours.</summary>
    private static async Task<string> ReasonAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = $"{response.RequestMessage?.RequestUri} answered {(int)response.StatusCode}";
        try
        {
            using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
            return problem.RootElement.ValueKind == JsonValueKind.Object && problem.RootElement.TryGetProperty("title", out var title)
                ? $"{status}: {title}"
                : status;
        }
        catch (JsonException)
        {
            return status;
        }
    }

    private static SocketsHttpHandler Handler(NodeOptions options)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = ConnectTimeout };
        if (options.CertFile.Length > 0 && options.KeyFile.Length > 0)
        {
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(
                X509Certificate2.CreateFromPemFile(options.CertFile, options.KeyFile), null, offline: true);
        }

        if (options.TrustedCaFile.Length > 0)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.ImportFromPemFile(options.TrustedCaFile);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        return handler;
    }
}
