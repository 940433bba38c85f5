using Google.Protobuf;

namespace RestKv.Api.Etcd.Grpc;

/// <summary>The client's side of a stream that takes one request: that, and the end.</summary>
internal sealed class GrpcOneRequest(IMessage request) : IEtcdRequests
{
    private IMessage? _request = request;

    public ValueTask<IMessage?> NextAsync(CancellationToken cancellationToken)
    {
        var next = _request;
        _request = null;
        return new ValueTask<IMessage?>(next);
    }
}
