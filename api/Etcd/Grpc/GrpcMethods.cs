using System.Collections.Frozen;
using Microsoft.AspNetCore.Routing.Patterns;
using RestKv.Api.Telemetry;

namespace RestKv.Api.Etcd.Grpc;

/// <summary>All methods by their path. Matched byte for byte, before any routing: gRPC knows no other spelling.</summary>
internal sealed class GrpcMethods
{
    /// <summary>Unary calls of other services wait for others: locks, elections.</summary>
    private const string PromptServices = "etcdserverpb.";

    private readonly FrozenDictionary<string, GrpcRoute> _routes;
    private readonly FrozenSet<string> _services;

    public GrpcMethods(IEnumerable<EtcdMethod> methods)
    {
        _routes = methods.ToFrozenDictionary(method => method.GrpcPath, RouteOf, StringComparer.Ordinal);
        _services = _routes.Values.Select(route => route.Method.Service).ToFrozenSet(StringComparer.Ordinal);
    }

    public IEnumerable<string> Paths => _routes.Keys;

    public IEnumerable<GrpcRoute> Routes => _routes.Values;

    public GrpcTraffic Traffic { get; } = new();

    public IEnumerable<string> Services => _services;

    public GrpcRoute? Find(string path) => _routes.GetValueOrDefault(path);

    /// <summary>Why there is no such method.</summary>
    public EtcdFault Missing(string path)
    {
        var slash = path.LastIndexOf('/');
        if (slash < 1)
        {
            return new EtcdFault(GrpcCode.Unimplemented, $"malformed method name: \"{path}\"");
        }

        var service = path[1..slash];
        return new EtcdFault(
            GrpcCode.Unimplemented,
            _services.Contains(service)
                ? $"unknown method {path[(slash + 1)..]} for service {service}"
                : $"unknown service {service}");
    }

    private static GrpcRoute RouteOf(EtcdMethod method)
    {
        var path = method.GrpcPath;
        var waits = method is StreamMethod || !method.Service.StartsWith(PromptServices, StringComparison.Ordinal);
        var metadata = waits ? new EndpointMetadataCollection(new OpenEnded()) : EndpointMetadataCollection.Empty;
        return new GrpcRoute(path, method, new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse(path), 0, metadata, path));
    }
}
