using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RestKv.Api.Cli;
using RestKv.Api.Hosting;
using RestKv.Testing;

namespace RestKv.Http.Tests.Tls;

/// <summary>A real member that serves over TLS on a free port.</summary>
internal sealed class TlsNode : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly WebApplication _app;

    private TlsNode(TempFolder folder, WebApplication app) => (_folder, _app) = (folder, app);

    public int Port => new Uri(_app.Urls.First()).Port;

    public string Address => _app.Urls.First();

    public static async Task<TlsNode> StartAsync(Func<NodeOptions, NodeOptions> configure)
    {
        var folder = new TempFolder();
        var app = NodeApplication.Build(configure(new NodeOptions
        {
            DataDir = folder.Combine("data"),
            ListenClientUrls = [new Uri("https://127.0.0.1:0")],
            WalSegmentBytes = 1 << 20,
            LogLevel = LogLevel.Critical,
            LogFormat = LogFormat.Text,
            ShutdownTimeout = TimeSpan.FromSeconds(5),
        }));
        await app.StartAsync();
        await Eventually.TrueAsync(() => app.Services.GetRequiredService<INode>().Status.IsReady, "the member is ready");
        return new TlsNode(folder, app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}
