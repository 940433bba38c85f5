using RestKv.Api.Etcd;
using RestKv.Api.Etcd.Grpc;
using RestKv.Api.Hosting;
using RestKv.Api.Http;
using RestKv.Api.OpenApi;
using RestKv.Api.Peers;
using RestKv.Api.Security.Auth;
using RestKv.Api.Security;

namespace RestKv.Api.Endpoints;

/// <summary>Registers the native API and puts it into the pipeline.</summary>
internal static class ApiRoutes
{
    /// <summary>Needs <see cref="NodeOptions"/>, <see cref="INode"/> and a clock to be registered too.</summary>
    public static IServiceCollection AddRestKvHttp(this IServiceCollection services)
    {
        services.AddSingleton<ApiServices>();
        services.AddSingleton<HostAllowList>();
        services.AddSingleton<OriginPolicy>();
        services.AddSingleton<KvEndpoints>();
        services.AddSingleton<TxnEndpoints>();
        services.AddSingleton<LeaseEndpoints>();
        services.AddSingleton<OutcomeEndpoints>();
        services.AddSingleton<WatchEndpoints>();
        services.AddSingleton<IWatchOpener>(provider => provider.GetRequiredService<WatchEndpoints>());
        services.AddSingleton<MaintenanceEndpoints>();
        services.AddSingleton<BackupEndpoints>();
        services.AddSingleton<MemberEndpoints>();
        services.AddSingleton<PeerClient>();
        services.AddSingleton<ClusterProbe>();
        services.AddSingleton<ClusterEndpoints>();
        services.AddSingleton<AuthEndpoints>();
        services.AddSingleton<HealthEndpoints>();
        services.AddRestKvAuth();
        services.AddEtcd();
        services.AddRestKvCompression();
        services.AddRestKvDocument();
        return services;
    }

    /// <summary>
    /// The pipeline: gRPC calls are taken out first; then (1) the gate reads the raw target and checks host, origin and framing;
    /// (2) what is for clients of etcd's gateway is answered; (3) routing; (4) the route gate refuses what only nearly matched; (5) the
    /// auth gate finds out who asks; (6) the endpoint. Other endpoints may be mapped before or after.
    /// </summary>
    public static void MapRestKv(this WebApplication app)
    {
        app.UseGrpc();
        app.UseMiddleware<RequestGate>();
        app.UseEtcd();
        app.UseRestKvCompression();
        app.UseRestKvDocumentPage();
        app.UseRouting();
        app.UseMiddleware<RouteGate>();
        app.UseMiddleware<AuthGate>();
        app.MapRestKvDocument();

        var v1 = app.MapGroup("/v1");
        app.Services.GetRequiredService<KvEndpoints>().Map(v1);
        app.Services.GetRequiredService<TxnEndpoints>().Map(v1);
        app.Services.GetRequiredService<LeaseEndpoints>().Map(v1);
        app.Services.GetRequiredService<OutcomeEndpoints>().Map(v1);
        app.Services.GetRequiredService<WatchEndpoints>().Map(v1);
        app.Services.GetRequiredService<MaintenanceEndpoints>().Map(v1);
        app.Services.GetRequiredService<BackupEndpoints>().Map(v1);
        app.Services.GetRequiredService<MemberEndpoints>().Map(v1);
        app.Services.GetRequiredService<ClusterEndpoints>().Map(v1);
        app.Services.GetRequiredService<AuthEndpoints>().Map(v1);
        app.Services.GetRequiredService<HealthEndpoints>().Map(app);
        app.MapGrpc();
        ProblemEndpoints.Map(app);
        RootEndpoint.Map(app);
    }
}
