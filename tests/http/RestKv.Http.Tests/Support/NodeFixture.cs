using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RestKv.Api.Cli;
using RestKv.Api.Hosting;
using RestKv.Testing;

namespace RestKv.Http.Tests.Support;

/// <summary>One real member behind real Kestrel on a free port, over a data directory of its own. Shared by a test class.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit calls IAsyncLifetime.DisposeAsync.")]
public class NodeFixture : IAsyncLifetime
{
    /// <summary>A request has five seconds by itself: twenty-five of the machine's.</summary>
    private const int Slowness = 5;

    private readonly TempFolder _folder = new();
    private WebApplication? _app;

    public HttpClient Client { get; private set; } = new();

    public int Port { get; private set; }

    internal IReadOnlyList<Microsoft.AspNetCore.Http.Endpoint> Endpoints =>
        _app!.Services.GetRequiredService<Microsoft.AspNetCore.Routing.EndpointDataSource>().Endpoints;

    internal INode Node => _app!.Services.GetRequiredService<INode>();

    internal Departure Departure => _app!.Services.GetRequiredService<Departure>();

    internal IBackupSource Backups => _app!.Services.GetRequiredService<IBackupSource>();

    internal ReplicaMailbox Mailbox => _app!.Services.GetRequiredService<ReplicaMailbox>();

    internal T Service<T>()
        where T : notnull => _app!.Services.GetRequiredService<T>();

    protected virtual NodeOptions Configure(NodeOptions options) => options;

    public async Task InitializeAsync()
    {
        var options = Configure(new NodeOptions
        {
            DataDir = _folder.Path,
            ListenClientUrls = [new Uri("http://127.0.0.1:0")],
            WalSegmentBytes = 1 << 20,
            LogLevel = LogLevel.Warning,
            LogFormat = LogFormat.Text,
            ShutdownTimeout = TimeSpan.FromSeconds(5),
        });
        _app = NodeApplication.Build(options, time: new SlowTime(Slowness));
        await _app.StartAsync();
        Port = new Uri(_app.Urls.First()).Port;
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{Port}"),
            Timeout = Eventually.Deadline,
        };
        await Eventually.TrueAsync(async () => (await Client.GetAsync("/readyz")).IsSuccessStatusCode, "the member is ready");
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        _folder.Dispose();
    }

    /// <summary>As SIGTERM does.</summary>
    public Task StopAsync() => _app!.StopAsync();

    /// <summary>A connection that says exactly what it is told.</summary>
    internal Task<RawConnection> ConnectAsync() => RawConnection.OpenAsync(Port);

    /// <summary>One request on a connection of its own.</summary>
    internal async Task<RawResponse> SendAsync(string method, string target, string headers = "", byte[]? body = null)
    {
        await using var connection = await ConnectAsync();
        return await connection.SendAsync(method, target, headers, body);
    }

    internal Task<RawResponse> SendAsync(string method, string target, string headers, string body) =>
        SendAsync(method, target, headers, System.Text.Encoding.UTF8.GetBytes(body));
}
