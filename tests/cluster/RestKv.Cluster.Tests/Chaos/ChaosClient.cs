using System.Collections.Concurrent;
using System.Globalization;
using RestKv.Checkers.History;
using RestKv.Core.Commands;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>
/// One client that makes random requests about a few keys. The keys change as the run goes on, so that the history of each stays
/// short enough to be searched.
/// </summary>
internal sealed class ChaosClient(ChaosCluster cluster, ChaosHistory history, ConcurrentDictionary<string, ChaosSighting> seen, int client, int seed)
{
    public const int KeysAtOnce = 6;
    private const int OperationsPerEpoch = 1_000;

    private readonly Random _random = new((seed * 1000) + client);

    public async Task RunAsync(TimeSpan pace, CancellationToken stop)
    {
        var caller = new ChaosCaller(() => cluster.Members, history, client, stop);
        using var timer = new PeriodicTimer(pace);
        while (!stop.IsCancellationRequested)
        {
            var id = history.NextId();
            var call = Next(id);
            Note(await caller.SendAsync(id, call));
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>One of the keys that are in use when operation <paramref name="id"/> begins.</summary>
    public static string Key(int id, int number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix(id)}{number}");

    private ChaosCall Next(int id)
    {
        var key = Key(id, _random.Next(KeysAtOnce));
        var value = ChaosHistory.ValueOf(id);
        var last = seen.GetValueOrDefault(key);
        var call = _random.Next(100) switch
        {
            < 28 => ChaosCalls.Get(key),
            < 36 => ChaosCalls.GetLocally(key, _random.Next(2) == 0 ? 0 : history.Revision),
            < 40 => ChaosCalls.List(Prefix(id)),
            < 68 => ChaosCalls.Put(key, value),
            < 76 => ChaosCalls.Delete(key),
            < 82 => ChaosCalls.PutIfAt(key, value, last?.Revision ?? 0),
            < 86 => ChaosCalls.PutIfAt(key, value, 0),
            _ => ChaosCalls.PutBothIf(key, last?.Value, Other(id, key), value),
        };
        return call.IsWrite && _random.Next(3) == 0
            ? call with { IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"i{seed}-{id}") }
            : call;
    }

    private string Other(int id, string key)
    {
        string other;
        do
        {
            other = Key(id, _random.Next(KeysAtOnce));
        }
        while (other == key);

        return other;
    }

    /// <summary>What a client knows of a key decides what it compares with; that it may be old is the point.</summary>
    private void Note(HistoryReply? reply)
    {
        if (reply is HistoryReply.Result { Value: OperationResult.Get { Result.Items: [var item, ..] } })
        {
            var key = System.Text.Encoding.UTF8.GetString(item.Key.Span);
            seen[key] = new ChaosSighting(System.Text.Encoding.UTF8.GetString(item.Value.Span), item.ModRevision);
        }
    }

    private static string Prefix(int id) => string.Create(CultureInfo.InvariantCulture, $"c/{id / OperationsPerEpoch}/");
}

/// <summary>A key as somebody saw it last.</summary>
internal sealed record ChaosSighting(string Value, long Revision);
