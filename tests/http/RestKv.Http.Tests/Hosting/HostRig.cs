using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RestKv.Api.Hosting;
using RestKv.Api.Telemetry;
using RestKv.Api.Watch;
using RestKv.Storage;
using RestKv.Testing;

namespace RestKv.Http.Tests.Hosting;

/// <summary>A real replica over a folder, without a web server before it. Faults are noted instead of ending the process.</summary>
internal sealed class HostRig : IAsyncDisposable, IFatalExit
{
    private readonly ServiceProvider _services;

    public HostRig(
        TempFolder folder,
        Func<string, string, int>? fault = null,
        Func<NodeOptions, NodeOptions>? change = null,
        TimeProvider? time = null)
    {
        var options = new NodeOptions { DataDir = folder.Path, WalSegmentBytes = 1 << 20 };
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        services.AddSingleton<IFileSystem>(new FaultyFileSystem(new PhysicalFileSystem(folder.Path), fault ?? ((_, _) => 0)));
        services.AddSingleton<IFatalExit>(this);
        services.AddSingleton(time ?? TimeProvider.System);
        services.AddSingleton<NodeMetrics>();
        services.AddSingleton(new WatchDispatcher());
        services.AddRestKvNode(change?.Invoke(options) ?? options);
        _services = services.BuildServiceProvider();
    }

    /// <summary>What would have ended the process.</summary>
    public Exception? Fault { get; private set; }

    public ReplicaHost Host => _services.GetRequiredService<ReplicaHost>();

    public ReplicaNode Node => _services.GetRequiredService<ReplicaNode>();

    public ReplicaMailbox Mailbox => _services.GetRequiredService<ReplicaMailbox>();

    /// <summary>Starts and waits until writes are taken.</summary>
    public async Task StartAsync()
    {
        await Host.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => Node.Status.IsReady, "the replica leads");
    }

    public Task StopAsync() => Host.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync() => await _services.DisposeAsync();

    void IFatalExit.End(Exception fault) => Fault = fault;
}
