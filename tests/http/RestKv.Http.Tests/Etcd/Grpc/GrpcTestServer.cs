using System.Net;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RestKv.Api.Etcd;
using RestKv.Api.Etcd.Grpc;
using RestKv.Api.Hosting;
using RestKv.Api.Security;
using RestKv.Api.Telemetry;

namespace RestKv.Http.Tests.Etcd.Grpc;

/// <summary>gRPC as members serve it, on a port of its own, over methods that do what a test needs.</summary>
internal sealed class GrpcTestServer : IAsyncDisposable
{
    public const string Service = "test.Echo";

    private readonly WebApplication _app;

    private GrpcTestServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    public Departure Departure => _app.Services.GetRequiredService<Departure>();

    public static async Task<GrpcTestServer> StartAsync(IEnumerable<EtcdMethod> methods, TimeProvider? time = null, NodeOptions? given = null)
    {
        var options = given ?? new NodeOptions();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<Departure>();
        builder.Services.AddSingleton<NodeMetrics>();
        builder.Services.AddSingleton<HostAllowList>();
        builder.Services.AddSingleton<OriginPolicy>();
        builder.Services.AddSingleton(new GrpcMethods(methods));
        builder.Services.AddSingleton<GrpcInvoker>();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ApplyLimits(options);
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (options.CertFile.Length == 0)
                {
                    listen.UseClearTextHttp2();
                }
                else
                {
                    listen.UseTlsForClients(new TlsPolicy(options, TimeProvider.System, NullLogger<TlsPolicy>.Instance));
                }
            });
        });
        var app = builder.Build();
        app.UseMiddleware<GrpcServer>();
        app.Run(context => context.Response.WriteAsync("no gRPC"));
        await app.StartAsync();
        return new GrpcTestServer(app);
    }

    public GrpcTestClient Connect() => new(Address);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>A unary method over texts.</summary>
    public static EtcdMethod Unary(string name, Func<string, EtcdCall, ValueTask<string>> invoke) =>
        new UnaryMethod(
            Service,
            name,
            [],
            StringValue.Parser,
            async (request, call) => new StringValue { Value = await invoke(((StringValue)request).Value, call) });

    /// <summary>A stream of texts, both ways.</summary>
    public static EtcdMethod Stream(string name, Func<IEtcdRequests, IEtcdReplies, EtcdCall, Task> invoke) =>
        new StreamMethod(Service, name, [], StringValue.Parser, TakesMany: true, invoke);
}
