using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Api.Endpoints;

/// <summary>`GET /v1/leases/{id}/hold`: the lease lives as long as the connection.</summary>
internal sealed partial class LeaseEndpoints
{
    private static readonly QuerySpec HoldQuery = new(Parameters.RevokeOnClose);
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(15);

    /// <summary>How late a holder may learn that the lease is gone.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RenewTimeout = TimeSpan.FromSeconds(HttpLimits.TimeoutSecondsDefault);

    private async Task HoldLeaseAsync(HttpContext context, string id)
    {
        var query = QueryReader.Read(context, HoldQuery);
        var revokes = query.Flag(Parameters.RevokeOnClose);
        var accept = context.Request.Headers.Accept;
        var problem = query.Problem ?? ReadId(id, out _)
            ?? (AcceptHeader.Accepts(accept, KvHeaders.EventStream)
                ? null
                : new Problem(ProblemCatalog.NotAcceptable, "the answer is text/event-stream") { At = "Accept" });
        if (services.Departure.Leaving.IsCancellationRequested)
        {
            problem ??= new Problem(ProblemCatalog.ShuttingDown, "ask another member");
        }

        _ = LeaseText.TryParse(id, out var lease);
        var options = new WriteOptions(RenewTimeout, null, ReturnPreference.None, false);
        var first = problem is null
            ? await WriteGate.SubmitAsync(context, services, new Command.LeaseRenew([lease]), options)
            : default;
        problem ??= first.Problem;
        if (problem is null && TtlOf(first.Result) == 0)
        {
            problem = ResultMapping.LeaseNotFound(id);
        }

        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return;
        }

        var ttlSeconds = TtlOf(first.Result);
        WatchForDeadPeer(context, ttlSeconds);
        try
        {
            await HoldAsync(context, lease, ttlSeconds);
        }
        finally
        {
            if (revokes && context.RequestAborted.IsCancellationRequested)
            {
                await RevokeQuietlyAsync(context, lease);
            }
        }
    }

    private async Task HoldAsync(HttpContext context, LeaseId lease, long ttlSeconds)
    {
        var response = context.Response;
        RequestFacts.Of(context).IsAnswered = true;
        response.ContentType = KvHeaders.EventStream;
        response.Headers.CacheControl = "no-store, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, services.Departure.Leaving);
        await SendEventAsync(response, "held", lease, $",\"ttl\":{Text.Of(ttlSeconds)}", ends.Token);

        // A third of the lifetime leaves two more tries before it runs out.
        var renewEvery = TimeSpan.FromSeconds(ttlSeconds / 3.0);
        var (renewed, written) = (services.Time.GetTimestamp(), services.Time.GetTimestamp());
        var seen = Raft.LogIndex.Zero;
        while (await PauseAsync(renewEvery < LookInterval ? renewEvery : LookInterval, ends.Token))
        {
            if (services.Node.HasDiverged)
            {
                // What this member knows of the lease may be wrong; any other one holds it on.
                await SendEventAsync(response, "closing", lease, ",\"reason\":\"member-corrupt\"", ends.Token);
                return;
            }

            // A lease ends by an entry of the log: while none was applied there is nothing to look for.
            var applied = services.Node.Status.Raft.Applied;
            var isMissing = applied != seen && !await IsThereAsync(lease, ends.Token);
            seen = applied;
            if (isMissing || services.Time.GetElapsedTime(renewed) >= renewEvery)
            {
                // Only the log knows for sure: this member may lag.
                renewed = services.Time.GetTimestamp();
                var (isLost, isRefused) = await RenewAsync(context, lease);
                if (isRefused)
                {
                    await SendEventAsync(response, "closing", lease, ",\"reason\":\"forbidden\"", ends.Token);
                    return;
                }

                if (isLost)
                {
                    await SendEventAsync(response, "lost", lease, "", ends.Token);
                    return;
                }
            }

            if (services.Time.GetElapsedTime(written) >= HeartbeatInterval)
            {
                written = services.Time.GetTimestamp();
                await response.WriteAsync(": hb\n\n", ends.Token);
                await response.Body.FlushAsync(ends.Token);
            }
        }

        if (!context.RequestAborted.IsCancellationRequested)
        {
            await SendEventAsync(response, "closing", lease, ",\"reason\":\"shutdown\"", context.RequestAborted);
        }
    }

    /// <summary>Whether this member knows the lease. True too when the stream is ending: then nobody needs to know.</summary>
    private async Task<bool> IsThereAsync(LeaseId lease, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await services.Node.QueryAsync(new Hosting.TableQuery(Leases: [lease]), cancellationToken);
            return reply.Leases.Count > 0;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    /// <summary>
    /// Whether the lease is gone, and whether the holder may not hold it any more. A renewal that did not come through is tried
    /// again, so it counts as none.
    /// </summary>
    private async Task<(bool IsLost, bool IsRefused)> RenewAsync(HttpContext context, LeaseId lease)
    {
        var reply = await services.Node.SubmitAsync(new Command.LeaseRenew([lease]), OptionsOf(context), CancellationToken.None);
        return (reply.Result is OperationResult.LeaseRenewed { TtlSeconds: [0] }, reply.Result is OperationResult.Rejected);
    }

    private static Hosting.SubmitOptions OptionsOf(HttpContext context)
    {
        var principal = RequestFacts.Of(context).Principal;
        return new Hosting.SubmitOptions(principal.Name, RenewTimeout) { Credential = principal.Credential };
    }

    private static long TtlOf(OperationResult? result) =>
        result is OperationResult.LeaseRenewed { TtlSeconds: [var seconds] } ? seconds : 0;

    /// <summary>False when the stream ends.</summary>
    private async Task<bool> PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(pause, services.Time, cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task SendEventAsync(
        HttpResponse response, string name, LeaseId lease, string more, CancellationToken cancellationToken)
    {
        await response.WriteAsync($"event: {name}\ndata: {{\"id\":\"{lease}\"{more}}}\n\n", cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }

    private async Task RevokeQuietlyAsync(HttpContext context, LeaseId lease)
    {
        var reply = await services.Node.SubmitAsync(new Command.LeaseRevoke(lease), OptionsOf(context), CancellationToken.None);
        if (ResultMapping.ToProblem(reply.Result) is { } problem)
        {
            LogNotRevoked(lease, problem.Type.Code);
        }
    }

    /// <summary>
    /// A client whose machine died sends no FIN and we write next to nothing, so the kernel must ask: TCP keep-alive, with
    /// unanswered data and probes given up after the lease's own lifetime. (HTTP/2 has its pings.)
    /// </summary>
    private static void WatchForDeadPeer(HttpContext context, long ttlSeconds)
    {
        const int UserTimeoutOption = 18;
        if (!OperatingSystem.IsLinux() || context.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket
            || socket.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
        {
            return;
        }

        var probeEvery = (int)Math.Clamp(ttlSeconds / 3, 1, 60);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, probeEvery);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, probeEvery);
        var milliseconds = BitConverter.GetBytes((int)Math.Clamp(ttlSeconds * 1000, 5_000, 180_000));
        socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, UserTimeoutOption, milliseconds);
    }

    [LoggerMessage(1101, LogLevel.Warning, "Lease {Lease} outlives its closed connection: revoking it failed ({Code})")]
    private partial void LogNotRevoked(LeaseId lease, string code);
}
