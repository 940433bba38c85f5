using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using RestKv.Api.Hosting;
using RestKv.Api.Telemetry;

namespace RestKv.Api.Etcd.Grpc;

/// <summary>Runs a method for a call and turns whatever comes of it into messages and a status. Never lets an exception out.</summary>
internal sealed partial class GrpcInvoker(
    Departure departure, NodeMetrics metrics, GrpcMethods methods, NodeOptions options, TimeProvider time, ILogger<GrpcInvoker> logger)
{
    /// <summary>A message may be this much longer than what it asks to be written.</summary>
    private const int OverheadBytes = 512 * 1024;

    private const string NoMethod = "none";

    private readonly long _messageBytesMax = options.MaxRequestBytes + OverheadBytes;

    public async Task RunAsync(HttpContext context, GrpcRoute route, TimeSpan? timeout)
    {
        LiftLimits(context);
        route.Start();
        var method = route.Method;
        var stop = method is StreamMethod ? departure.Leaving : departure.Closing;
        using var life = new GrpcCallLife(timeout, time, stop, context.RequestAborted);
        var requests = new GrpcRequests(context.Request.BodyReader, method.Parser, _messageBytesMax, life, methods.Traffic);
        var replies = new GrpcReplies(context.Response.BodyWriter, life, methods.Traffic);
        EtcdFault? fault = null;
        try
        {
            var call = GrpcMetadata.ReadCall(context, timeout, time, life.Ended);
            if (method is UnaryMethod unary)
            {
                replies.Write(await unary.Invoke(await requests.OnlyOneAsync(), call));
            }
            else
            {
                var stream = (StreamMethod)method;
                IEtcdRequests taken = stream.TakesMany ? requests : new GrpcOneRequest(await requests.OnlyOneAsync());
                await stream.Invoke(taken, replies, call);
            }
        }
        catch (Exception exception)
        {
            fault = Explain(exception, life, route, context.TraceIdentifier);
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

    private EtcdFault Explain(Exception exception, GrpcCallLife life, GrpcRoute route, string requestId)
    {
        if (exception is EtcdFault refusal)
        {
            return refusal;
        }

        // What fails once the client has gone fails for that reason.
        if (exception is OperationCanceledException || life.IsClientGone)
        {
            return life.Reason;
        }

        if (exception is BadHttpRequestException)
        {
            return new EtcdFault(GrpcCode.Internal, exception.Message);
        }

        LogFailure(exception, route.Path, requestId);
        return new EtcdFault(GrpcCode.Internal, $"the cause is in the server's log under {requestId}");
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

    [LoggerMessage(1101, LogLevel.Error, "{Method} failed unexpectedly ({RequestId})")]
    private partial void LogFailure(Exception exception, string method, string requestId);
}
