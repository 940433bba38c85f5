using RestKv.Checkers.History;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>
/// Reads at one place in the list of members at a steady rate, whether or not the earlier reads were answered: a member that stood
/// still or was cut off finds reads that began after others have led and written, and must not answer them from what it knew.
/// </summary>
internal sealed class ChaosReader(ChaosCluster cluster, ChaosHistory history, int place, int client, int seed)
{
    private const int OutstandingMax = 100;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(60);

    private readonly Random _random = new((seed * 1000) + client);

    public async Task RunAsync(CancellationToken stop)
    {
        List<Task> running = [];
        using var timer = new PeriodicTimer(Pace);
        while (!stop.IsCancellationRequested)
        {
            running.RemoveAll(read => read.IsCompleted);
            if (running.Count < OutstandingMax)
            {
                running.Add(ReadAsync(stop));
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        await Task.WhenAll(running);
    }

    private Task<HistoryReply?> ReadAsync(CancellationToken stop)
    {
        // A caller of its own stays where it is whatever becomes of the others.
        var caller = new ChaosCaller(() => [cluster.Members[place % cluster.Members.Count]], history, client, stop);
        var id = history.NextId();
        return caller.SendAsync(id, ChaosCalls.Get(ChaosClient.Key(id, _random.Next(ChaosClient.KeysAtOnce))));
    }
}
