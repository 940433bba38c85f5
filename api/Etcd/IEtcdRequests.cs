using Google.Protobuf;

namespace RestKv.Api.Etcd;

/// <summary>What the client of a stream sends, one message at a time.</summary>
internal interface IEtcdRequests
{
    /// <summary>The next request; null when the client has ended its side. A request that cannot be read is an <see cref="EtcdFault"/>.</summary>
    ValueTask<IMessage?> NextAsync(CancellationToken cancellationToken);
}
