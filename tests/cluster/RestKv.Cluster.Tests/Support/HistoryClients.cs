using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using RestKv.Checkers.History;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Cluster.Tests.Support;

/// <summary>
/// Clients that put and get a few keys on all members as fast as they are answered, and keep a history that the checkers can
/// judge. Values are unique. One that finds its member gone goes to the next.
/// </summary>
internal sealed class HistoryClients(ThreeMembers cluster, int clients, int keys) : IAsyncDisposable
{
    private readonly ConcurrentQueue<HistoryOperation> _history = new();
    private readonly ConcurrentQueue<string> _defects = new();
    private readonly CancellationTokenSource _stop = new();
    private Task[] _running = [];
    private int _lastId;
    private int _acknowledged;

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Answers that say too little: a failed write must tell what came of it.</summary>
    public IReadOnlyCollection<string> Defects => _defects;

    public IReadOnlyList<HistoryOperation> History => [.. _history.OrderBy(operation => operation.Start)];

    public void Start() => _running = [.. Enumerable.Range(0, clients).Select(RunAsync)];

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    /// <summary>The value that an operation wrote, which no other one did.</summary>
    public static string ValueOf(int id) => $"v{id.ToString(CultureInfo.InvariantCulture)}";

    public static int IdOf(string value) => int.Parse(value.AsSpan(1), CultureInfo.InvariantCulture);

    public IEnumerable<string> Keys => Enumerable.Range(0, keys).Select(KeyOf);

    private async Task RunAsync(int client)
    {
        await Task.Yield();
        var random = new Random(client);
        var at = client % cluster.Members.Count;
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!_stop.IsCancellationRequested)
        {
            var member = cluster.Members[at];
            var id = Interlocked.Increment(ref _lastId);
            var key = KeyOf(random.Next(keys));
            var isAnswered = random.Next(100) < 60 ? await PutAsync(member, client, id, key) : await GetAsync(member, client, id, key);
            if (!isAnswered)
            {
                at = (at + 1) % cluster.Members.Count;
                await pause.WaitForNextTickAsync();
            }
        }
    }

    private async Task<bool> PutAsync(ClusterMember member, int client, int id, string key)
    {
        var put = new Operation.Put(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(ValueOf(id)));
        var operation = Begin(client, id, new HistoryRequest.Submit(new Command.Write(put)));
        using var send = new OneSend(member);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, $"/v1/kv/{key}") { Content = new StringContent(ValueOf(id)) };
            using var response = await send.SendAsync(request);
            using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            if (response.IsSuccessStatusCode)
            {
                Interlocked.Increment(ref _acknowledged);
                var result = new OperationResult.Put(
                    json.RootElement.GetProperty("rev").GetInt64(), json.RootElement.GetProperty("created").GetBoolean(), null, LeaseId.None);
                End(operation, HistoryOutcome.Ok, new HistoryReply.Result(result));
                return true;
            }

            End(operation, OutcomeOf(json.RootElement, $"{member.Name} {(int)response.StatusCode}"));
        }
        catch (HttpRequestException)
        {
            // The connection broke while the answer was awaited, or nobody was there.
            End(operation, send.WasConnected ? HistoryOutcome.Unknown : HistoryOutcome.Fail);
        }
        catch (TaskCanceledException)
        {
            End(operation, HistoryOutcome.Unknown);
        }

        return false;
    }

    private async Task<bool> GetAsync(ClusterMember member, int client, int id, string key)
    {
        var range = new RangeRequest(KeyRange.Single(Encoding.UTF8.GetBytes(key)));
        var operation = Begin(client, id, new HistoryRequest.Read(range));
        try
        {
            using var response = await member.Client.GetAsync($"/v1/kv/{key}?format=json");
            using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound)
            {
                End(operation, HistoryOutcome.Ok, new HistoryReply.Result(ReadOf(response, key, json.RootElement)));
                return true;
            }

            End(operation, HistoryOutcome.Fail);
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
        {
            End(operation, HistoryOutcome.Fail);
        }

        return false;
    }

    private static OperationResult.Get ReadOf(HttpResponseMessage response, string key, JsonElement entry)
    {
        KeyValue[] items = response.StatusCode == HttpStatusCode.NotFound
            ? []
            :
            [
                new KeyValue(
                    Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(entry.GetProperty("value").GetString()!),
                    entry.GetProperty("createRev").GetInt64(), entry.GetProperty("modRev").GetInt64(),
                    entry.GetProperty("version").GetInt64(), LeaseId.None,
                    entry.GetProperty("modAt").GetDateTimeOffset().ToUnixTimeMilliseconds(), ""),
            ];
        var revision = long.Parse(response.Headers.GetValues("Kv-Revision").Single(), CultureInfo.InvariantCulture);
        return new OperationResult.Get(revision, new RangeResult(items, -1, false));
    }

    private HistoryOutcome OutcomeOf(JsonElement problem, string what)
    {
        switch (problem.TryGetProperty("outcome", out var outcome) ? outcome.GetString() : null)
        {
            case "not-applied":
                return HistoryOutcome.Fail;
            case "unknown":
                return HistoryOutcome.Unknown;
            default:
                _defects.Enqueue($"{what}: {problem.GetRawText()}");
                return HistoryOutcome.Unknown;
        }
    }

    private static string KeyOf(int number) => $"h{number.ToString(CultureInfo.InvariantCulture)}";

    private static HistoryOperation Begin(int client, int id, HistoryRequest request) => new()
    {
        Id = id,
        Client = client,
        Request = request,
        Start = Now(),
        End = HistoryOperation.Never,
        Outcome = HistoryOutcome.Unknown,
    };

    private void End(HistoryOperation operation, HistoryOutcome outcome, HistoryReply? reply = null) => _history.Enqueue(operation with
    {
        End = outcome == HistoryOutcome.Unknown ? HistoryOperation.Never : Now(),
        Outcome = outcome,
        Reply = reply,
    });

    private static long Now() => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));
}
