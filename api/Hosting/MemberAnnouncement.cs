using System.Collections.Immutable;
using RestKv.Api.Peers;
using RestKv.Core.Commands;
using RestKv.Raft;

namespace RestKv.Api.Hosting;

/// <summary>
/// Tells the cluster, once it has a leader, where this member serves clients and which data directory it has. A member whose
/// directory is another than the cluster knows has lost its promises, and says so instead of serving.
/// </summary>
internal sealed partial class MemberAnnouncement(
    INode node,
    ReplicaHost host,
    NodeOptions options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<MemberAnnouncement> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Pause, time);
        while (!await TryAnnounceAsync(stoppingToken))
        {
            await timer.WaitForNextTickAsync(stoppingToken);
        }
    }

    /// <summary>True when there is nothing more to tell.</summary>
    private async Task<bool> TryAnnounceAsync(CancellationToken stoppingToken)
    {
        // The leader enters the first members by itself; until then there is nothing to add to.
        var status = node.Status;
        if (status.Members.Find(status.MemberId) is not { } self)
        {
            return false;
        }

        ImmutableArray<string> urls = [.. options.AdvertiseClientUrls.Select(url => url.GetLeftPart(UriPartial.Authority))];
        if (self.Life == status.Life && self.Name == options.Name && self.ClientUrls.SequenceEqual(urls))
        {
            return true;
        }

        var announce = new Command.MemberAnnounce(status.MemberId, options.Name, urls, status.StoreId, status.Incarnation, status.Life);
        var reply = await node.SubmitAsync(announce, new SubmitOptions("", Timeout), stoppingToken);
        switch (reply.Result)
        {
            case OperationResult.MemberChanged:
                LogAnnounced(status.MemberId, status.Incarnation);
                return true;
            case OperationResult.Rejected { Rejection.Code: RejectionCode.MemberWiped }:
                host.Lose(PeerRefusalKind.Wiped);
                return true;
            case OperationResult.Rejected { Rejection.Code: RejectionCode.MemberRolledBack }:
                host.Lose(PeerRefusalKind.RolledBack);
                return true;
            default:
                return false;
        }
    }

    [LoggerMessage(EventId = 1054, EventName = "Announced", Level = LogLevel.Information,
        Message = "the cluster knows of start {Incarnation} of member {Member}")]
    private partial void LogAnnounced(NodeId member, long incarnation);
}
