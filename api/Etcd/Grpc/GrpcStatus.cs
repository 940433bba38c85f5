using Microsoft.AspNetCore.Http.Features;

namespace RestKv.Api.Etcd.Grpc;

/// <summary>The end of a call: `grpc-status` and `grpc-message`, behind the messages, or in the headers when there is none.</summary>
internal static class GrpcStatus
{
    private static readonly string[] Numbers =
        [.. Enum.GetValues<GrpcCode>().Select(code => ((int)code).ToString(System.Globalization.CultureInfo.InvariantCulture))];

    /// <summary>As gRPC's libraries spell them.</summary>
    public static readonly IReadOnlyList<string> Names =
        [.. Enum.GetValues<GrpcCode>().Select(code => code is GrpcCode.Ok ? "OK" : code.ToString())];

    /// <summary>The name of what came of a call.</summary>
    public static string NameOf(EtcdFault? fault) => Names[(int)(fault?.Code ?? GrpcCode.Ok)];

    /// <param name="fault">Null when the call went well.</param>
    /// <param name="hasMessages">Something was written, flushed or not.</param>
    public static void Write(HttpContext context, EtcdFault? fault, bool hasMessages)
    {
        var fields = hasMessages
            ? context.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers
            : context.Response.Headers;
        fields.GrpcStatus = Numbers[(int)(fault?.Code ?? GrpcCode.Ok)];
        if (fault is { Text.Length: > 0 })
        {
            fields.GrpcMessage = GrpcText.Encode(fault.Text);
        }
    }
}
