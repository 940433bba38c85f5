using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using RestKv.Api.Cli;
using RestKv.Api.Hosting;
using RestKv.LoadGen;
using RestKv.Testing;

namespace RestKv.Benchmarks.Ladder;

/// <summary>
/// One node over HTTP/2 on loopback. The client is the load client's own connection, at a few microseconds a call, in this
/// process: with callers to spare both share the cores, as they do in the comparison with etcd.
/// </summary>
internal sealed class HttpRung : ILadderRung
{
    /// <summary>Streams on a connection: what servers allow without being asked.</summary>
    private const int StreamsMax = 100;

    private readonly TempFolder _folder;
    private readonly WebApplication _app;
    private readonly INode _node;
    private readonly int _port;

    private HttpRung(TempFolder folder, WebApplication app)
    {
        (_folder, _app, _node) = (folder, app, app.Services.GetRequiredService<INode>());
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>();
        _port = new Uri(addresses?.Addresses.First() ?? throw new InvalidOperationException("no address")).Port;
    }

    public static async Task<HttpRung> OpenAsync()
    {
        var folder = new TempFolder();
        var app = NodeApplication.Build(LadderData.Node(folder.Path));
        await app.StartAsync();
        var rung = new HttpRung(folder, app);
        await LadderData.WaitUntilReadyAsync(rung._node);
        return rung;
    }

    public void Prepare()
    {
    }

    public async Task PutAsync(int puts, int callers)
    {
        var options = LoadOptions.Parse(
            ["--op", "put", "--count", $"{puts}", "--keys", $"{LadderData.Keys}", "--value-bytes", $"{LadderData.ValueBytes}"]);
        var plan = new LoadPlan(options);
        plan.Begin();
        var connections = (callers + StreamsMax - 1) / StreamsMax;
        var good = await Task.WhenAll(Enumerable.Range(0, connections).Select(
            number => CallAsync(plan, options, number, Math.Min(StreamsMax, callers - (number * StreamsMax)))));
        if (good.Sum() != puts)
        {
            throw new InvalidOperationException($"{good.Sum()} of {puts} puts went well");
        }
    }

    public Task<long> CountAsync() => Task.FromResult(_node.View.Revision - 1);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A connection blocks its thread, so each gets one of its own rather than one of the server's.</summary>
    private Task<long> CallAsync(LoadPlan plan, LoadOptions options, int number, int depth) => Task.Factory.StartNew(
        () =>
        {
            using var link = new HttpTwoLink(plan, new RestCalls(options, $"127.0.0.1:{_port}"), _port, number, depth);
            link.Run();
            return link.Good;
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);
}
