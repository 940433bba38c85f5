using RestKv.Api.Cli;
using RestKv.Api.Hosting;
using RestKv.Core.Commands;
using RestKv.Testing;

namespace RestKv.Benchmarks.Ladder;

/// <summary>
/// The whole node without HTTP: commands through consensus, log, disk, store and publication. The host listens, but
/// nobody calls it.
/// </summary>
internal sealed class ReplicaRung : ILadderRung
{
    private static readonly SubmitOptions Submit = new("", TimeSpan.FromSeconds(30));

    private readonly TempFolder _folder;
    private readonly WebApplication _app;
    private readonly INode _node;
    private int _next;

    private ReplicaRung(TempFolder folder, WebApplication app) =>
        (_folder, _app, _node) = (folder, app, app.Services.GetRequiredService<INode>());

    public static async Task<ReplicaRung> OpenAsync()
    {
        var folder = new TempFolder();
        var app = NodeApplication.Build(LadderData.Node(folder.Path));
        await app.StartAsync();
        var rung = new ReplicaRung(folder, app);
        await LadderData.WaitUntilReadyAsync(rung._node);
        return rung;
    }

    public void Prepare()
    {
    }

    public Task PutAsync(int puts, int callers)
    {
        var end = _next + puts;
        return Task.WhenAll(Enumerable.Range(0, callers).Select(_ => CallAsync(end)));
    }

    /// <summary>The store begins at revision 1 and each put adds one.</summary>
    public Task<long> CountAsync() => Task.FromResult(_node.View.Revision - 1);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    private async Task CallAsync(int end)
    {
        for (var number = Interlocked.Increment(ref _next); number <= end; number = Interlocked.Increment(ref _next))
        {
            var put = new Operation.Put(LadderData.Key(number % LadderData.Keys), LadderData.Value);
            var reply = await _node.SubmitAsync(new Command.Write(put), Submit, CancellationToken.None);
            if (reply.Result is OperationResult.NotApplied or OperationResult.Unknown)
            {
                throw new InvalidOperationException($"put {number} ended as {reply.Result}");
            }
        }

        // The number that was one too many goes back, so that the next call begins where this one ended.
        Interlocked.Decrement(ref _next);
    }
}
