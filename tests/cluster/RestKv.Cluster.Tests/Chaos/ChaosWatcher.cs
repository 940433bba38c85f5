using RestKv.Checkers.Watch;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>
/// A watch over a prefix that lives as long as the run: whenever its connection ends or falls silent it goes on at another member,
/// after the last id it saw. Notes every frame for the checker.
/// </summary>
internal sealed class ChaosWatcher(ChaosCluster cluster, ChaosHistory history, int number, string prefix, int seed)
{
    private readonly Random _random = new((seed * 1000) + 500 + number);
    private readonly bool _withPrevious = number % 2 == 0;
    private long _lastId = -1;

    public WatchStream Stream { get; } = new()
    {
        Id = number,
        Ranges = [KeyRange.Prefix(System.Text.Encoding.UTF8.GetBytes(prefix))],
        WithPrevious = number % 2 == 0,
    };

    /// <summary>Everything up to here has come.</summary>
    public long LastId => Volatile.Read(ref _lastId);

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var connection = new WatchConnection { From = LastId < 0 ? FirstRevision : LastId + 1, IsResume = LastId >= 0 };
            Stream.Connections.Add(connection);
            try
            {
                await FollowAsync(connection, stop);
            }
            catch (HttpRequestException refusal) when (refusal.StatusCode == System.Net.HttpStatusCode.Gone)
            {
                history.Report($"watch {number} was refused at {connection.From} although nothing was compacted: {refusal.Message}");
            }
            catch (Exception fault)
                when (fault is HttpRequestException or IOException or OperationCanceledException or System.Text.Json.JsonException)
            {
                connection.Frames.Add(new WatchFrame.Closed(ChaosHistory.Now(), fault.GetType().Name));
            }

            await Task.Delay(_random.Next(10, 100), CancellationToken.None);
        }
    }

    /// <summary>Some begin with everything that there is, some with what comes.</summary>
    private long FirstRevision => number % 3 == 0 ? 2 : 0;

    private async Task FollowAsync(WatchConnection connection, CancellationToken stop)
    {
        var members = cluster.Members;
        var member = members[_random.Next(members.Count)];
        var from = LastId < 0 ? FirstRevision : 0;
        using var reader = await EventReader.OpenAsync(member, prefix, from, LastId, _withPrevious, stop);
        while (await reader.ReadAsync() is { } next)
        {
            if (FrameOf(next) is { } frame)
            {
                connection.Frames.Add(frame);
            }

            Volatile.Write(ref _lastId, Math.Max(LastId, next.Id));
        }
    }

    private static WatchFrame? FrameOf(StreamEvent next)
    {
        var at = ChaosHistory.Now();
        return next.Name switch
        {
            "open" => new WatchFrame.Open(at, next.Json.GetProperty("rev").GetInt64(), next.Json.GetProperty("from").GetInt64()),
            "put" or "delete" => new WatchFrame.Event(at, ChangeOf(next), next.Id >= 0),
            "progress" => new WatchFrame.Progress(at, next.Json.GetProperty("rev").GetInt64()),
            "compacted" => new WatchFrame.Compacted(at, next.Json.GetProperty("compactedRev").GetInt64()),
            "closing" => new WatchFrame.Closed(at, next.Json.GetProperty("reason").GetString()!),
            _ => null,
        };
    }

    public static Change ChangeOf(StreamEvent next)
    {
        KeyValue? previous = next.Json.TryGetProperty("prev", out var before) ? ChaosCalls.Entry(before) : null;
        if (next.Name == "put")
        {
            return new Change(ChaosCalls.Entry(next.Json), DeleteCause.None, 0, next.Id >= 0, previous);
        }

        var gone = new KeyValue(
            System.Text.Encoding.UTF8.GetBytes(next.Json.GetProperty("key").GetString()!), default, 0,
            next.Json.GetProperty("modRev").GetInt64(), 0, LeaseId.None,
            next.Json.GetProperty("modAt").GetDateTimeOffset().ToUnixTimeMilliseconds(), "");
        var cause = Enum.Parse<DeleteCause>(next.Json.GetProperty("cause").GetString()!, ignoreCase: true);
        return new Change(gone, cause, 0, next.Id >= 0, previous);
    }
}
