using RestKv.Api.Etcd.Messages;
using RestKv.Api.Hosting;
using Serving = RestKv.Api.Etcd.Messages.HealthCheckResponse.Types.ServingStatus;

namespace RestKv.Api.Etcd.Calls;

/// <summary>
/// gRPC's own health service. A service is as well as the member is. Unlike `/readyz` it asks for no leader: a member without one
/// still answers serializable reads, and clients that go by health would leave all members at once.
/// </summary>
internal sealed class HealthCalls(INode node, TimeProvider time)
{
    /// <summary>How late a watcher may learn of a change: nothing announces them.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public ValueTask<HealthCheckResponse> CheckAsync(HealthCheckRequest request, EtcdCall call) =>
        IsKnown(request.Service)
            ? new(new HealthCheckResponse { Status = Now() })
            : throw new EtcdFault(GrpcCode.NotFound, "unknown service");

    /// <summary>Says how it is, and again whenever that changes, for as long as somebody listens.</summary>
    public async Task WatchAsync(IEtcdRequests requests, IEtcdReplies replies, EtcdCall call)
    {
        var request = (HealthCheckRequest?)await requests.NextAsync(call.Aborted);
        var isKnown = IsKnown(request?.Service ?? "");
        var last = Serving.Unknown;
        using var timer = new PeriodicTimer(Look, time);
        do
        {
            var now = isKnown ? Now() : Serving.ServiceUnknown;
            if (now != last)
            {
                await replies.SendAsync(new HealthCheckResponse { Status = now }, call.Aborted);
                last = now;
            }
        }
        while (await timer.WaitForNextTickAsync(call.Aborted));
    }

    private static bool IsKnown(string service) => service.Length == 0 || EtcdMethods.Services.Contains(service);

    private Serving Now() =>
        node.Status is { HasCaughtUp: true, IsShuttingDown: false, HasDiverged: false, Refused: null }
            ? Serving.Serving
            : Serving.NotServing;
}
