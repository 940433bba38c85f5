using Google.Protobuf;
using RestKv.Api.Etcd.Json;
using RestKv.Api.Http;

namespace RestKv.Api.Etcd.Http;

/// <summary>
/// Answers of a stream, one line each. A document and its line feed leave in one write, which makes one chunk: there are clients
/// that take every chunk for a document.
/// </summary>
internal sealed class JsonReplies(HttpContext context) : IEtcdReplies
{
    public async ValueTask SendAsync(IMessage reply, CancellationToken cancellationToken)
    {
        Begin(StatusCodes.Status200OK);
        using var line = JsonReply.Rent();
        line.Writer.WriteStartObject();
        line.Writer.WritePropertyName("result"u8);
        MessageJson.Write(line.Writer, reply);
        line.Writer.WriteEndObject();
        line.EndLine();
        await line.SpillAsync(context.Response, always: true, cancellationToken);
    }

    /// <summary>The last line. If nothing was sent before, the status of the answer tells too.</summary>
    public async ValueTask FailAsync(EtcdFault fault)
    {
        Begin(GatewayErrors.StatusOf(fault.Code));
        using var line = JsonReply.Rent();
        GatewayErrors.WriteLine(line.Writer, fault);
        line.EndLine();
        await line.SpillAsync(context.Response, always: true, context.RequestAborted);
    }

    private void Begin(int status)
    {
        if (context.Response.HasStarted)
        {
            return;
        }

        RequestFacts.Of(context).IsAnswered = true;
        context.Response.StatusCode = status;
        context.Response.ContentType = KvHeaders.Json;
        GatewayReply.SetHeaders(context.Response);
    }
}
