using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace RestKv.Api.Security;

/// <summary>
/// Serves HTTP/1.1 and prior-knowledge HTTP/2 on one clear-text port, which Kestrel does not by itself: without ALPN it takes
/// every connection for HTTP/1.1. The first bytes tell ("PRI " opens HTTP/2 and is no method), and a connection that starts
/// so is given what a TLS handshake would have left behind. `IsHttps` stays false: that comes from the scheme.
/// </summary>
internal sealed class ClearTextHttp2(ConnectionDelegate next)
{
    private static readonly byte[] Preface = "PRI "u8.ToArray();

    // As long as Kestrel waits for the next request of a connection: one that says nothing at all holds no slot for ever.
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(130);

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        bool isHttp2;
        using (var silence = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed))
        {
            silence.CancelAfter(SilenceMax);
            try
            {
                isHttp2 = await StartsWithPrefaceAsync(connection.Transport.Input, silence.Token);
            }
            catch (OperationCanceledException)
            {
                connection.Abort();
                return;
            }
        }

        if (isHttp2)
        {
            connection.Features.Set<ITlsConnectionFeature>(new NoCertificate());
            connection.Features.Set<ITlsApplicationProtocolFeature>(new Http2Agreed());
        }

        await next(connection);
    }

    private static async Task<bool> StartsWithPrefaceAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            var seen = (int)Math.Min(buffer.Length, Preface.Length);
            var isPrefix = Matches(buffer.Slice(0, seen));
            var isDecided = !isPrefix || seen == Preface.Length || read.IsCompleted;

            // Nothing is consumed: the server reads the same bytes again. Undecided bytes are marked as examined.
            input.AdvanceTo(buffer.Start, isDecided ? buffer.Start : buffer.End);
            if (isDecided)
            {
                return isPrefix && seen == Preface.Length;
            }
        }
    }

    private static bool Matches(ReadOnlySequence<byte> bytes)
    {
        Span<byte> head = stackalloc byte[Preface.Length];
        bytes.CopyTo(head);
        return head[..(int)bytes.Length].SequenceEqual(Preface.AsSpan(0, (int)bytes.Length));
    }

    private sealed class NoCertificate : ITlsConnectionFeature
    {
        public X509Certificate2? ClientCertificate { get; set; }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) =>
            Task.FromResult<X509Certificate2?>(null);
    }

    private sealed class Http2Agreed : ITlsApplicationProtocolFeature
    {
        public ReadOnlyMemory<byte> ApplicationProtocol { get; } = "h2"u8.ToArray();
    }
}
