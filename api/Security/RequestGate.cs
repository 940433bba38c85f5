using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using RestKv.Api.Errors;
using RestKv.Api.Etcd.Http;
using RestKv.Api.Hosting;
using RestKv.Api.Http;

namespace RestKv.Api.Security;

/// <summary>
/// The first thing every request meets, before routing: (1) the raw target is read and the path rewritten, (2) the headers of
/// every answer are set, (3) framing, Host and origin are checked, (4) whatever goes wrong further in becomes a problem.
/// </summary>
internal sealed partial class RequestGate(
    RequestDelegate next,
    INode node,
    HostAllowList hosts,
    OriginPolicy origins,
    Departure departure,
    NodeOptions options,
    ILogger<RequestGate> logger)
{
    // Endpoints read the key from the facts; the routed path only has to match /v1/kv/{key} whatever the key is.
    private static readonly PathString[] RoutedPaths =
        ["/", "/v1/kv/-", "/v1/kv64/-", "/v1/history/-", "/v1/history64/-"];

    private readonly HttpLimits _limits = HttpLimits.From(options);
    private string? _memberText;

    public async Task InvokeAsync(HttpContext context)
    {
        var rawTarget = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var target = KeyTarget.Parse(rawTarget);
        var facts = new RequestFacts
        {
            Route = target.Route,
            Key = target.Key,
            RawPath = target.Path,
            RawQuery = target.Query,
        };
        context.Features.Set(facts);
        SetCommonHeaders(context, facts);
        departure.Announce(context);
        if (target.Route != KeyRoute.None)
        {
            context.Request.Path = RoutedPaths[(int)target.Route];
        }

        try
        {
            var answered = false;
            var problem = FramingRules.Check(context.Request)
                ?? CheckHost(context.Request)
                ?? (GatewayPaths.Contains(target.Path.Span) && HttpMethods.IsOptions(context.Request.Method)
                    ? origins.Welcome(context, out answered)
                    : origins.Judge(context, out answered))
                ?? target.Problem;
            if (problem is not null)
            {
                await problem.WriteAsync(context);
            }
            else if (rawTarget == "*" && HttpMethods.IsOptions(context.Request.Method))
            {
                // "Is anybody there?", asked of the server and of no resource.
                Reply.SendNothing(context, StatusCodes.Status204NoContent);
            }
            else if (!answered)
            {
                await next(context);
            }
        }
        catch (BadHttpRequestException exception)
        {
            await Explain(exception).WriteAsync(context);
        }
        catch (Exception exception) when (exception is ConnectionResetException or ConnectionAbortedException
            || (exception is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested))
        {
            // The client went away: there is nobody to answer.
            LogClientGone(exception.GetType().Name);
        }
        catch (IOException exception) when (!facts.IsSubmitted)
        {
            // Kestrel's word for chunk sizes beyond any number.
            await Explain(new BadHttpRequestException("the size of a chunk is no number", exception)).WriteAsync(context);
        }
        catch (Exception exception)
        {
            LogFailure(exception, facts.RequestId(context));
            await Internal(facts).WriteAsync(context);
        }
    }

    private void SetCommonHeaders(HttpContext context, RequestFacts facts)
    {
        var headers = context.Response.Headers;
        headers[KvHeaders.Member] = _memberText ??= node.Status.MemberId.ToString();
        headers[KvHeaders.RequestId] = facts.RequestId(context);
        headers.XContentTypeOptions = "nosniff";
        Reply.SetRevision(context.Response, node.View.Revision);
    }

    private Problem? CheckHost(HttpRequest request)
    {
        var host = request.Headers.Host.ToString();
        return hosts.Allows(host)
            ? null
            : new Problem(
                ProblemCatalog.HostNotAllowed,
                "ask by address or by an advertised name, or list the name with --host-whitelist");
    }

    /// <summary>
    /// What was wrong while the body was read; the connection cannot be used any more. Kestrel's own faults are of a derived
    /// type, and its words name its settings, not ours.
    /// </summary>
    private Problem Explain(BadHttpRequestException exception)
    {
        var problem = exception.StatusCode switch
        {
            StatusCodes.Status408RequestTimeout => new Problem(
                ProblemCatalog.RequestTimeout,
                $"the body came slower than {HttpLimits.BodyRateBytesPerSecondMin} bytes a second for "
                    + $"{HttpLimits.BodyRateGraceSeconds} seconds"),
            StatusCodes.Status413PayloadTooLarge => BodyReader.RequestTooLarge(_limits),
            _ => new Problem(
                ProblemCatalog.BadRequest,
                exception.GetType() == typeof(BadHttpRequestException)
                    ? exception.Message
                    : "the body is not framed as the headers say, or ended early"),
        };
        return problem with { ClosesConnection = true };
    }

    private static Problem Internal(RequestFacts facts) =>
        new(ProblemCatalog.Internal, "the cause is in the server's log under this requestId")
        {
            OutcomeUnknown = facts.IsSubmitted,
        };

    [LoggerMessage(1001, LogLevel.Debug, "The client went away ({Kind})")]
    private partial void LogClientGone(string kind);

    [LoggerMessage(1002, LogLevel.Error, "Request {RequestId} failed unexpectedly")]
    private partial void LogFailure(Exception exception, string requestId);
}
