using Google.Protobuf;

namespace RestKv.Api.Etcd;

/// <summary>Where the answers of a stream go. One call at a time.</summary>
internal interface IEtcdReplies
{
    /// <summary>Done when the answer has been handed to the connection, which takes as long as the client reads slowly.</summary>
    ValueTask SendAsync(IMessage reply, CancellationToken cancellationToken);
}
