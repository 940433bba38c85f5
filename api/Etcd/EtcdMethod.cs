using Google.Protobuf;

namespace RestKv.Api.Etcd;

/// <summary>One call of the API, for both of its encodings. A closed set of two kinds.</summary>
/// <param name="Service">As in `etcdserverpb.KV`.</param>
/// <param name="Name">As in `Range`.</param>
/// <param name="GatewayPaths">As in `/v3/kv/range`; empty for calls that only gRPC has.</param>
/// <param name="Parser">Of the request.</param>
internal abstract record EtcdMethod(string Service, string Name, IReadOnlyList<string> GatewayPaths, MessageParser Parser)
{
    /// <summary>The path of the call in gRPC.</summary>
    public string GrpcPath => $"/{Service}/{Name}";
}

/// <summary>One request, one answer.</summary>
/// <param name="Invoke">Refuses by throwing <see cref="EtcdFault"/>.</param>
internal sealed record UnaryMethod(
    string Service,
    string Name,
    IReadOnlyList<string> GatewayPaths,
    MessageParser Parser,
    Func<IMessage, EtcdCall, ValueTask<IMessage>> Invoke) : EtcdMethod(Service, Name, GatewayPaths, Parser);

/// <summary>Any number of answers.</summary>
/// <param name="TakesMany">False when the client sends exactly one request.</param>
/// <param name="Invoke">
/// Done when the call is; refuses by throwing <see cref="EtcdFault"/>, also after answers were sent. Cancellation of the call ends
/// it with <see cref="OperationCanceledException"/>.
/// </param>
internal sealed record StreamMethod(
    string Service,
    string Name,
    IReadOnlyList<string> GatewayPaths,
    MessageParser Parser,
    bool TakesMany,
    Func<IEtcdRequests, IEtcdReplies, EtcdCall, Task> Invoke) : EtcdMethod(Service, Name, GatewayPaths, Parser);
