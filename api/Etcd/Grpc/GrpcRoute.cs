namespace RestKv.Api.Etcd.Grpc;

/// <summary>A method and what it takes to serve it.</summary>
/// <param name="Path">The path of the method, made once.</param>
/// <param name="Endpoint">The name under which requests are counted and measured.</param>
internal sealed record GrpcRoute(string Path, EtcdMethod Method, RouteEndpoint Endpoint);
