namespace RestKv.Api.Etcd.Grpc;

/// <summary>A method and what it takes to serve it.</summary>
/// <param name="path">The path of the method, made once.</param>
/// <param name="endpoint">The name under which requests are counted and measured.</param>
internal sealed class GrpcRoute(string path, EtcdMethod method, RouteEndpoint endpoint)
{
    private long _started;

    public string Path { get; } = path;

    public EtcdMethod Method { get; } = method;

    public RouteEndpoint Endpoint { get; } = endpoint;

    /// <summary>Calls so far, those that go on included.</summary>
    public long Started => Volatile.Read(ref _started);

    public void Start() => Interlocked.Increment(ref _started);
}
