using System.Globalization;
using RestKv.Checkers.History;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>
/// Takes a lease, puts a key under it, keeps it alive a few times and then lets it end or revokes it; over and over, on whichever
/// member answers.
/// </summary>
internal sealed class ChaosLeaseHolder(ChaosCluster cluster, ChaosHistory history, int client, int seed)
{
    private readonly Random _random = new((seed * 1000) + client);
    private int _leases;

    public async Task RunAsync(CancellationToken stop)
    {
        var caller = new ChaosCaller(() => cluster.Members, history, client, stop);
        while (!stop.IsCancellationRequested)
        {
            await LiveAsync(caller, stop);
        }
    }

    private async Task LiveAsync(ChaosCaller caller, CancellationToken stop)
    {
        var number = ++_leases;
        var id = new LeaseId((client * 1_000_000L) + number);
        var ttl = _random.Next(2, 5);
        if (await caller.SendAsync(history.NextId(), ChaosCalls.Grant(id, ttl)) is null)
        {
            await PauseAsync(200);
            return;
        }

        var write = history.NextId();
        var key = string.Create(CultureInfo.InvariantCulture, $"l/{client}/{number}");
        await caller.SendAsync(write, ChaosCalls.Put(key, ChaosHistory.ValueOf(write), id));
        for (var renewals = _random.Next(5); renewals > 0 && !stop.IsCancellationRequested; renewals--)
        {
            await PauseAsync(ttl * 1000 / 3);
            if (await caller.SendAsync(history.NextId(), ChaosCalls.KeepAlive(id)) is HistoryReply.Result
                { Value: OperationResult.LeaseRenewed { TtlSeconds: [0] } })
            {
                return;
            }
        }

        if (_random.Next(5) == 0)
        {
            await caller.SendAsync(history.NextId(), ChaosCalls.Revoke(id));
        }
    }

    /// <summary>The rhythm of a holder; nothing is concluded from it.</summary>
    private static Task PauseAsync(int milliseconds) => Task.Delay(milliseconds, CancellationToken.None);
}
