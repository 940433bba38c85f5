using RestKv.Api.Etcd.Calls;
using RestKv.Api.Etcd.Grpc;
using RestKv.Api.Etcd.Http;
using RestKv.Api.Etcd.Recipes;
using RestKv.Api.Etcd.Watches;
using RestKv.Api.Hosting;

namespace RestKv.Api.Etcd;

/// <summary>Registers the façade and puts it into the pipeline.</summary>
internal static class EtcdServices
{
    public static IServiceCollection AddEtcd(this IServiceCollection services)
    {
        services.AddSingleton<EtcdAuthority>();
        services.AddSingleton<EtcdNode>();
        services.AddSingleton(provider => WatchSettings.From(provider.GetRequiredService<NodeOptions>()));
        services.AddSingleton<WatchSocket>();
        services.AddSingleton<Contenders>();
        services.AddSingleton<KvCalls>();
        services.AddSingleton<LeaseCalls>();
        services.AddSingleton<KeepAliveCalls>();
        services.AddSingleton<WatchCalls>();
        services.AddSingleton<ClusterCalls>();
        services.AddSingleton<MaintenanceCalls>();
        services.AddSingleton<SnapshotCalls>();
        services.AddSingleton<AuthCalls>();
        services.AddSingleton<LockCalls>();
        services.AddSingleton<ElectionCalls>();
        services.AddSingleton<HealthCalls>();
        services.AddSingleton<EtcdMethods>();
        services.AddGrpc();
        return services;
    }

    /// <summary>Behind the request gate, so that Host and origin rules hold, and before routing, which knows nothing of these paths.</summary>
    public static void UseEtcd(this WebApplication app)
    {
        app.UseWhen(WatchSocket.MayBeFor, static branch => branch.UseWebSockets());
        app.UseMiddleware<JsonGateway>();
    }
}
