using RestKv.Api.Etcd.Messages;
using RestKv.Api.Hosting;

namespace RestKv.Api.Etcd.Calls;

/// <summary>gRPC's own health service. Health is that of the member, whichever service is named.</summary>
internal sealed class HealthCalls(INode node)
{
    public ValueTask<HealthCheckResponse> CheckAsync(HealthCheckRequest request, EtcdCall call) => new(Now());

    /// <summary>Says how it is, and stays open: probes that watch take the end of the stream for a failure.</summary>
    public async Task WatchAsync(IEtcdRequests requests, IEtcdReplies replies, EtcdCall call)
    {
        await requests.NextAsync(call.Aborted);
        await replies.SendAsync(Now(), call.Aborted);
        await new TaskCompletionSource().Task.WaitAsync(call.Aborted);
    }

    private HealthCheckResponse Now() => new()
    {
        Status = node.Status.IsReady
            ? HealthCheckResponse.Types.ServingStatus.Serving
            : HealthCheckResponse.Types.ServingStatus.NotServing,
    };
}
