using Microsoft.AspNetCore.Server.Kestrel.Core;
using RestKv.Api.Hosting;
using RestKv.Api.Http;

namespace RestKv.Api.Security;

/// <summary>Limits of the server itself, which hold before any of our code runs.</summary>
internal static class KestrelSetup
{
    /// <summary>A line feed alone ends no line: proxies that think otherwise see other requests than we do.</summary>
    private const string StrictLineEnds = "Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators";

    public static void ApplyLimits(this KestrelServerOptions options, NodeOptions node)
    {
        AppContext.SetSwitch(StrictLineEnds, true);
        var limits = options.Limits;
        limits.MaxRequestLineSize = HttpLimits.RequestLineBytesMax;
        limits.MaxRequestHeadersTotalSize = HttpLimits.HeaderBytesMax;
        limits.MaxRequestHeaderCount = HttpLimits.HeadersMax;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(HttpLimits.HeaderTimeoutSeconds);
        limits.MinRequestBodyDataRate = new MinDataRate(
            HttpLimits.BodyRateBytesPerSecondMin, TimeSpan.FromSeconds(HttpLimits.BodyRateGraceSeconds));

        // Watches have a deadline of their own: this one does not notice a reader that stopped (measured).
        limits.MinResponseDataRate = null;
        limits.MaxRequestBodySize = HttpLimits.From(node).BodyBytesMax;
        limits.Http2.MaxStreamsPerConnection = node.MaxConcurrentStreams;
        limits.Http2.MaxRequestHeaderFieldSize = HttpLimits.RequestLineBytesMax;

        // Finds peers that died without a word, on which held leases depend.
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(15);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(15);

        options.RequestHeaderEncodingSelector = HeaderDecoding.Select!;

        // A proxy that ends TLS forwards :scheme https over clear text.
        options.AllowAlternateSchemes = true;
        options.AddServerHeader = false;
    }

    /// <summary>What every clear-text client listener needs: HTTP/1.1 and HTTP/2 with prior knowledge on one port, guarded.</summary>
    public static void UseClearTextHttp2(this ListenOptions listen)
    {
        listen.Use(next => new ClearTextHttp2(next).OnConnectionAsync);
        listen.Use(ChunkGuard.Before);
    }

    /// <summary>What every client listener over TLS needs; ALPN says which HTTP it is.</summary>
    public static void UseTlsForClients(this ListenOptions listen, TlsPolicy tls)
    {
        tls.SecureClients(listen);
        listen.Use(ChunkGuard.Before);
    }
}
