using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using RestKv.Api.Endpoints;
using RestKv.Api.Etcd;
using RestKv.Api.Etcd.Grpc;
using RestKv.Api.Hosting;
using RestKv.Api.Peers;
using RestKv.Api.Security;
using RestKv.Api.Security.Audit;
using RestKv.Api.Telemetry;
using RestKv.Api.Watch;

namespace RestKv.Api.Cli;

/// <summary>
/// The host of one member, composed. Nothing here reads ASPNETCORE_* variables or appsettings files: there is one
/// configuration.
/// </summary>
public static class NodeApplication
{
    /// <param name="time">The clock of everything but the web server; the system's unless a test gives one.</param>
    /// <exception cref="TlsConfigurationException">A certificate cannot be used; nothing was made.</exception>
    public static WebApplication Build(NodeOptions options, IReadOnlyList<string>? warnings = null, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(NodeApplication).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = Environments.Production,
        });
        builder.Configuration.Sources.Clear();
        builder.Logging.AddRestKvLogging(options);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(new StartupWarnings(warnings ?? []));
        builder.Services.AddSingleton<NodeMetrics>();
        builder.Services.AddSingleton<Departure>();
        builder.Services.AddSingleton<ClientListeners>();
        builder.Services.AddOptions<SocketTransportOptions>().Configure<ClientListeners>(
            (sockets, listeners) => sockets.CreateBoundListenSocket = listeners.Open);
        builder.Services.AddSingleton(provider => new TlsPolicy(
            options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<TlsPolicy>>()));
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSingleton(provider => PeerSecurity.Of(provider.GetRequiredService<TlsPolicy>()));
        builder.Services.AddSingleton(provider => new WatchDispatcher(
            provider.GetRequiredService<TimeProvider>(), WatchOptions.Of(options.MaxWatches)));
        if (BuildTimeDocument.IsActive)
        {
            builder.Services.AddSingleton<INode, InertNode>();
            builder.Services.AddSingleton<IBackupSource, InertNode>();
            builder.Services.AddSingleton<IAuthSource, InertNode>();
        }
        else
        {
            builder.Services.AddRestKvNode(options);
            builder.Services.AddAudit(options);
            builder.Services.AddHostedService<StartupReport>();
            builder.Services.AddHostedService<TlsReloader>();
            builder.Services.AddHostedService<SystemdService>();
            builder.Services.AddHostedService<RetentionAtStart>();
            builder.Services.AddHostedService<MemberAnnouncement>();
        }

        builder.Services.AddRestKvHttp();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownTimeout);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ApplyLimits(options);
            foreach (var url in options.ListenClientUrls)
            {
                Listen(kestrel, url);
            }
        });

        var app = builder.Build();

        // Certificates that cannot be used end the start before anything is made.
        var tls = app.Services.GetRequiredService<TlsPolicy>();
        RegisterMetrics(app.Services, options, tls);
        app.UseMiddleware<RequestTelemetry>();
        app.UseAudit();
        app.MapRestKv();
        app.MapMetrics();
        return app;
    }

    private static void RegisterMetrics(IServiceProvider services, NodeOptions options, TlsPolicy tls)
    {
        var metrics = services.GetRequiredService<NodeMetrics>();
        var node = services.GetRequiredService<INode>();
        var calls = services.GetRequiredService<GrpcMethods>();
        TlsGauges.Register(metrics.Meter, tls);
        NodeGauges.Register(metrics.Meter, node, options);
        GrpcMetrics.Register(metrics.Meter, calls);
        if (options.MetricsEtcdAliases)
        {
            EtcdGauges.Register(metrics.Meter, node);
            EtcdAliases.Register(metrics.Collector, node, calls);
        }
    }

    private static void Listen(KestrelServerOptions kestrel, Uri url)
    {
        var departure = kestrel.ApplicationServices.GetRequiredService<Departure>();
        Action<ListenOptions> secure = url.Scheme == Uri.UriSchemeHttps
            ? listen => listen.UseTlsForClients(kestrel.ApplicationServices.GetRequiredService<TlsPolicy>())
            : KestrelSetup.UseClearTextHttp2;
        Action<ListenOptions> setUp = listen =>
        {
            listen.Use(departure.Count);
            secure(listen);
        };
        if (IPAddress.TryParse(url.DnsSafeHost, out var address))
        {
            kestrel.Listen(address, url.Port, setUp);
        }
        else
        {
            kestrel.ListenLocalhost(url.Port, setUp);
        }
    }
}
