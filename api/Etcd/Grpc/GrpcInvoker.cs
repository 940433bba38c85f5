using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using RestKv.Api.Hosting;
using RestKv.Api.Telemetry;

namespace RestKv.Api.Etcd.Grpc;

/// <summary>Runs a method for a call and turns whatever comes of it into messages and a status. Never lets an exception out.</summary>
internal sealed partial class GrpcInvoker(
    Departure departure, NodeMetrics metrics, NodeOptions options, TimeProvider time, ILogger<GrpcInvoker> logger)
{
    /// <summary>A message may be this much longer than what it asks to be written.</summary>
    private const int OverheadBytes = 512 * 1024;

    private const string NoMethod = "none";

    private readonly long _messageBytesMax = options.MaxRequestBytes + OverheadBytes;

    public async Task RunAsync(HttpContext context, GrpcRoute route, TimeSpan? timeout)
    {
        LiftLimits(context);
        var method = route.Method;
        var stop = method is StreamMethod ? departure.Leaving : departure.Closing;
        using var life = new GrpcCallLife(timeout, time, stop, context.RequestAborted);
        var replies = new GrpcReplies(context.Response.BodyWriter, life);
        EtcdFault? fault = null;
        try
        {
            var requests = new GrpcRequests(context.Request.BodyReader, method.Parser, _messageBytesMax, life);
            var call = GrpcMetadata.ReadCall(context, timeout, time, life.Ended);
            await InvokeAsync(method, requests, replies, call);
        }
        catch (EtcdFault refusal)
        {
            fault = refusal;
        }
        catch (Exception exception) when (exception is OperationCanceledException || life.IsClientGone)
        {
            // What fails once the client has gone fails for that reason.
            fault = life.Reason;
        }
        catch (BadHttpRequestException exception)
        {
            fault = new EtcdFault(GrpcCode.Internal, exception.Message);
        }
        catch (Exception exception)
        {
            LogFailure(exception, method.Service, method.Name, context.TraceIdentifier);
            fault = new EtcdFault(GrpcCode.Internal, $"the cause is in the server's log under {context.TraceIdentifier}");
        }

        // A stream that ended because this member goes is opened anew somewhere else, not on this connection.
        departure.Announce(context);
        Finish(context, route, fault, replies.HasMessages);
        if (fault is null && replies.IsLarge && !await replies.IsTakenAsync(time))
        {
            context.Abort();
        }
    }

    /// <param name="route">Null when there is no such method.</param>
    public void Finish(HttpContext context, GrpcRoute? route, EtcdFault? fault, bool hasMessages)
    {
        GrpcStatus.Write(context, fault, hasMessages);
        metrics.GrpcCallFinished(route?.Path ?? NoMethod, GrpcStatus.NameOf(fault));
    }

    private static async ValueTask InvokeAsync(EtcdMethod method, GrpcRequests requests, GrpcReplies replies, EtcdCall call)
    {
        switch (method)
        {
            case UnaryMethod unary:
                replies.Write(await unary.Invoke(await requests.OnlyOneAsync(), call));
                break;
            case StreamMethod { TakesMany: true } stream:
                await stream.Invoke(requests, replies, call);
                break;
            case StreamMethod stream:
                await stream.Invoke(new GrpcOneRequest(await requests.OnlyOneAsync()), replies, call);
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>
    /// Messages have their own limit, and calls their own deadline: a stream may be silent for hours, and one slow call must not
    /// end the connection, as the server's limit of speed would, with all the others on it.
    /// </summary>
    private static void LiftLimits(HttpContext context)
    {
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }
    }

    [LoggerMessage(1101, LogLevel.Error, "{Service}/{Method} failed unexpectedly ({RequestId})")]
    private partial void LogFailure(Exception exception, string service, string method, string requestId);
}
