using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using RestKv.Api.Http;

namespace RestKv.Api.Etcd.Http;

/// <summary>
/// Errors as etcd's gateway shows them. Clients compare the text, some in `error` and some in `message`: both have it. Errors of
/// streams have a form of their own.
/// </summary>
internal static class GatewayErrors
{
    private const int ClientClosedRequest = 499;

    public static int StatusOf(GrpcCode code) => code switch
    {
        GrpcCode.Ok => StatusCodes.Status200OK,
        GrpcCode.Canceled => ClientClosedRequest,
        GrpcCode.InvalidArgument or GrpcCode.FailedPrecondition or GrpcCode.OutOfRange => StatusCodes.Status400BadRequest,
        GrpcCode.DeadlineExceeded => StatusCodes.Status504GatewayTimeout,
        GrpcCode.NotFound => StatusCodes.Status404NotFound,
        GrpcCode.AlreadyExists or GrpcCode.Aborted => StatusCodes.Status409Conflict,
        GrpcCode.PermissionDenied => StatusCodes.Status403Forbidden,
        GrpcCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
        GrpcCode.Unimplemented => StatusCodes.Status501NotImplemented,
        GrpcCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        GrpcCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        _ => StatusCodes.Status500InternalServerError,
    };

    public static Task SendAsync(HttpContext context, EtcdFault fault) => SendAsync(context, fault, StatusOf(fault.Code));

    public static async Task SendAsync(HttpContext context, EtcdFault fault, int status)
    {
        using var reply = JsonReply.Rent();
        var writer = reply.Writer;
        writer.WriteStartObject();
        writer.WriteString("error"u8, fault.Text);
        writer.WriteNumber("code"u8, (int)fault.Code);
        writer.WriteString("message"u8, fault.Text);
        writer.WriteEndObject();
        await Reply.SendAsync(context, reply, status);
    }

    /// <summary>The last line of a stream that fails.</summary>
    public static void WriteLine(Utf8JsonWriter writer, EtcdFault fault)
    {
        var status = StatusOf(fault.Code);
        writer.WriteStartObject();
        writer.WriteStartObject("error"u8);
        writer.WriteNumber("grpc_code"u8, (int)fault.Code);
        writer.WriteNumber("http_code"u8, status);
        writer.WriteString("message"u8, fault.Text);
        writer.WriteString("http_status"u8, ReasonPhrases.GetReasonPhrase(status));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
