using System.Globalization;
using System.Net;
using System.Text.Json;
using RestKv.Checkers.History;
using RestKv.Cluster.Tests.Support;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>
/// How a client of the runner sends: to one member until that fails it, then to the next, each answer entered in the history. A
/// request with an idempotency key is repeated until its outcome is known.
/// </summary>
internal sealed class ChaosCaller(Func<IReadOnlyList<ClusterMember>> members, ChaosHistory history, int client, CancellationToken stop)
{
    private const int AttemptsMax = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private int _hops;

    /// <summary>The reply, or null when there was none that says what happened.</summary>
    public async Task<HistoryReply?> SendAsync(int id, ChaosCall call)
    {
        var start = ChaosHistory.Now();
        var (outcome, reply) = await SendOnceAsync(call);
        for (var attempt = 1; outcome != HistoryOutcome.Ok && call.IdempotencyKey is not null && attempt < AttemptsMax; attempt++)
        {
            if (stop.IsCancellationRequested)
            {
                break;
            }

            await Task.Delay(Pause, CancellationToken.None);
            var (again, answer) = await SendOnceAsync(call);
            reply = answer;

            // That this arrival was not applied says nothing of an earlier one.
            outcome = again == HistoryOutcome.Fail ? outcome : again;
        }

        history.End(id, client, call.Request, start, outcome, reply);
        return reply;
    }

    private async Task<(HistoryOutcome, HistoryReply?)> SendOnceAsync(ChaosCall call)
    {
        var member = Member();
        var unanswered = call.IsWrite ? HistoryOutcome.Unknown : HistoryOutcome.Fail;
        using var patience = new CancellationTokenSource(Patience);
        using var send = new OneSend(member);
        try
        {
            using var message = call.NewMessage();
            if (call.IdempotencyKey is { } key)
            {
                message.Headers.Add("Idempotency-Key", key);
            }

            using var response = await (call.IsWrite ? send.SendAsync(message, patience.Token) : member.Client.SendAsync(message, patience.Token));
            var answer = await ReadAsync(response, patience.Token);
            if (call.Read(answer) is { } reply)
            {
                CheckAge(call, answer, member);
                return (HistoryOutcome.Ok, reply);
            }

            Leave();
            return (OutcomeOf(call, answer, member), null);
        }
        catch (HttpRequestException)
        {
            // The connection broke while the answer was awaited, or nobody was there.
            Leave();
            return (send.WasConnected ? unanswered : HistoryOutcome.Fail, null);
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException or JsonException)
        {
            Leave();
            return (unanswered, null);
        }
    }

    private ClusterMember Member()
    {
        var present = members();
        return present[(client + _hops) % present.Count];
    }

    private void Leave() => _hops++;

    private static async Task<ChaosAnswer> ReadAsync(HttpResponseMessage response, CancellationToken patience)
    {
        var text = await response.Content.ReadAsStringAsync(patience);
        using var json = JsonDocument.Parse(text.Length == 0 ? "{}" : text);
        var revision = response.Headers.TryGetValues("Kv-Revision", out var values)
            ? long.Parse(values.Single(), CultureInfo.InvariantCulture)
            : 0;
        return new ChaosAnswer(
            (int)response.StatusCode, revision, response.Headers.Contains("Idempotency-Replayed"), json.RootElement.Clone());
    }

    private HistoryOutcome OutcomeOf(ChaosCall call, ChaosAnswer answer, ClusterMember member)
    {
        var isExpected = (HttpStatusCode)answer.Status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
            or HttpStatusCode.InsufficientStorage or HttpStatusCode.Conflict or HttpStatusCode.NotFound;
        var outcome = answer.Json.TryGetProperty("outcome", out var told) ? told.GetString() : null;
        if (!isExpected || (call.IsWrite && outcome is not ("not-applied" or "unknown")))
        {
            history.Report($"{member.Name} answered {answer.Status} to {call.Request}: {answer.Json.GetRawText()}");
        }

        return !call.IsWrite || outcome == "not-applied" ? HistoryOutcome.Fail : HistoryOutcome.Unknown;
    }

    private void CheckAge(ChaosCall call, ChaosAnswer answer, ClusterMember member)
    {
        if (answer.Revision < call.RevisionMin)
        {
            history.Report($"{member.Name} answered a read with minRev={call.RevisionMin} at revision {answer.Revision}");
        }
    }
}
