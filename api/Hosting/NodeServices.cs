using Microsoft.Extensions.DependencyInjection.Extensions;
using RestKv.Api.Peers;
using RestKv.Api.Security;
using RestKv.Storage;

namespace RestKv.Api.Hosting;

/// <summary>Registers the replica and what it needs. A test may register another file system or clock before.</summary>
public static class NodeServices
{
    public static IServiceCollection AddRestKvNode(this IServiceCollection services, NodeOptions options)
    {
        services.TryAddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IFileSystem>(provider => new PhysicalFileSystem(
            options.DataDir,
            warning => HostingLog.DirectoryRights(provider.GetRequiredService<ILogger<IFileSystem>>(), warning)));
        services.TryAddSingleton<IFatalExit, ImmediateExit>();
        services.TryAddSingleton(provider => PeerSecurity.Of(provider.GetRequiredService<TlsPolicy>()));
        services.TryAddSingleton(provider => new TlsPolicy(
            options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<TlsPolicy>>()));
        services.AddSingleton<PublishedState>();
        services.AddSingleton<ReplicaMailbox>();
        services.AddSingleton<ReplicaNode>();
        services.AddSingleton<INode>(provider => provider.GetRequiredService<ReplicaNode>());
        services.AddSingleton<IBackupSource>(provider => provider.GetRequiredService<ReplicaNode>());
        services.AddSingleton<IAuthSource>(provider => provider.GetRequiredService<ReplicaNode>());
        services.AddSingleton<ReplicaHost>();
        services.AddHostedService(provider => provider.GetRequiredService<ReplicaHost>());
        services.TryAddSingleton<Departure>();
        services.TryAddSingleton<ClientListeners>();
        services.AddHostedService<GracefulStop>();
        return services;
    }
}
