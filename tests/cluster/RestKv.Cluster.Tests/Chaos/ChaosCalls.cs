using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using RestKv.Checkers.History;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>Each kind of request that clients of the runner make.</summary>
internal static class ChaosCalls
{
    private const string Timeout = "timeout=3s";

    public static ChaosCall Get(string key) => new(
        new HistoryRequest.Read(Single(key)),
        () => new HttpRequestMessage(HttpMethod.Get, $"/v1/kv/{key}?format=json&{Timeout}"),
        ReadKey);

    /// <summary>From the member's own state, which must have come to <paramref name="revisionMin"/>.</summary>
    public static ChaosCall GetLocally(string key, long revisionMin) => new(
        new HistoryRequest.Read(Single(key), Local: true),
        () => new HttpRequestMessage(
            HttpMethod.Get, $"/v1/kv/{key}?format=json&consistency=local&minRev={Text(revisionMin)}&timeout=2s"),
        ReadKey)
    {
        RevisionMin = revisionMin,
    };

    public static ChaosCall List(string prefix) => new(
        new HistoryRequest.Read(new RangeRequest(KeyRange.Prefix(Bytes(prefix)))),
        () => new HttpRequestMessage(HttpMethod.Get, $"/v1/kv?prefix={prefix}&{Timeout}"),
        answer => answer.Status == 200
            ? new HistoryReply.Result(new OperationResult.Get(
                answer.Json.GetProperty("rev").GetInt64(), new RangeResult(Items(answer.Json), -1, false)))
            : null);

    public static ChaosCall Put(string key, string value, LeaseId lease = default)
    {
        var underLease = lease.IsNone ? "" : $"&lease={lease}";
        var put = new Operation.Put(Bytes(key), Bytes(value)) { Lease = lease };
        return Write(
            put, () => PutMessage(key, value, underLease), answer => IsDone(answer) ? PutResult(answer, Revision(answer), lease) : null);
    }

    public static ChaosCall Delete(string key) => Write(
        new Operation.Delete(KeyRange.Single(Bytes(key))),
        () => new HttpRequestMessage(HttpMethod.Delete, $"/v1/kv/{key}?{Timeout}"),
        answer => IsDone(answer) ? new OperationResult.Delete(Revision(answer), answer.Json.GetProperty("deleted").GetInt64(), []) : null);

    /// <summary>If-Match of a revision; 0 is If-None-Match: *.</summary>
    public static ChaosCall PutIfAt(string key, string value, long revision)
    {
        var isNew = revision == 0;
        var compare = new Compare(
            KeyRange.Single(Bytes(key)), isNew ? CompareTarget.CreateRevision : CompareTarget.ModRevision, CompareOperator.Equal, revision, default);
        return Write(
            new Operation.Txn([compare], [new Operation.Put(Bytes(key), Bytes(value))], []),
            () =>
            {
                var message = PutMessage(key, value, "");
                if (isNew)
                {
                    message.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
                }
                else
                {
                    message.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{Text(revision)}\""));
                }

                return message;
            },
            answer => answer.Status == 412 ? new OperationResult.Txn(answer.Revision, false, [])
                : IsDone(answer) ? new OperationResult.Txn(Revision(answer), true, [PutResult(answer, Revision(answer), LeaseId.None)])
                : null);
    }

    /// <summary>Puts two keys if the first has a value (null: is not there), else reads it.</summary>
    public static ChaosCall PutBothIf(string key, string? expected, string other, string value)
    {
        var range = KeyRange.Single(Bytes(key));
        var compare = expected is null
            ? new Compare(range, CompareTarget.CreateRevision, CompareOperator.Equal, 0, default)
            : new Compare(range, CompareTarget.Value, CompareOperator.Equal, 0, Bytes(expected));
        var condition = expected is null ? $$"""{"key":"{{key}}","exists":false}""" : $$"""{"key":"{{key}}","value":"{{expected}}"}""";
        var body = $$$"""
            {"if":[{{{condition}}}],"then":[{"put":{"key":"{{{key}}}","value":"{{{value}}}"}},{"put":{"key":"{{{other}}}","value":"{{{value}}}"}}],
            "else":[{"get":{"key":"{{{key}}}"}}]}
            """;
        return Write(
            new Operation.Txn(
                [compare],
                [new Operation.Put(Bytes(key), Bytes(value)), new Operation.Put(Bytes(other), Bytes(value))],
                [new Operation.Get(Single(key))]),
            () => Post($"/v1/txn?{Timeout}", body),
            answer => IsDone(answer) ? TxnResult(answer) : null);
    }

    public static ChaosCall Grant(LeaseId id, long ttlSeconds) => new(
        new HistoryRequest.Submit(new Command.LeaseGrant(id, ttlSeconds)),
        () => Post($"/v1/leases?{Timeout}", $$"""{"ttl":{{Text(ttlSeconds)}},"id":"{{id}}"}"""),
        answer => answer.Status == 201
            ? new HistoryReply.Result(new OperationResult.LeaseGranted(answer.Revision, id, answer.Json.GetProperty("ttl").GetInt64()))
            : null);

    /// <summary>A lease that is not there any more is an answer, too.</summary>
    public static ChaosCall KeepAlive(LeaseId id) => new(
        new HistoryRequest.Submit(new Command.LeaseRenew([id])),
        () => Post($"/v1/leases/{id}/keepalive?{Timeout}", ""),
        answer => answer.Status == 200
            ? new HistoryReply.Result(new OperationResult.LeaseRenewed(answer.Revision, [answer.Json.GetProperty("ttl").GetInt64()]))
            : IsNoLease(answer) ? new HistoryReply.Result(new OperationResult.LeaseRenewed(answer.Revision, [0]))
            : null);

    public static ChaosCall Revoke(LeaseId id) => new(
        new HistoryRequest.Submit(new Command.LeaseRevoke(id)),
        () => new HttpRequestMessage(HttpMethod.Delete, $"/v1/leases/{id}?{Timeout}"),
        answer => answer.Status == 200
            ? new HistoryReply.Result(new OperationResult.LeaseRevoked(Revision(answer), answer.Json.GetProperty("deletedKeys").GetInt64()))
            : null);

    /// <summary>An entry as the API shows it anywhere.</summary>
    public static KeyValue Entry(JsonElement entry) => new(
        Bytes(entry.GetProperty("key").GetString()!), Bytes(entry.GetProperty("value").GetString()!),
        entry.GetProperty("createRev").GetInt64(), entry.GetProperty("modRev").GetInt64(), entry.GetProperty("version").GetInt64(),
        entry.TryGetProperty("lease", out var lease) ? LeaseOf(lease.GetString()!) : LeaseId.None,
        entry.GetProperty("modAt").GetDateTimeOffset().ToUnixTimeMilliseconds(), "");

    public static LeaseId LeaseOf(string text) =>
        new(long.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    private static ChaosCall Write(Operation operation, Func<HttpRequestMessage> newMessage, Func<ChaosAnswer, OperationResult?> read) => new(
        new HistoryRequest.Submit(new Command.Write(operation)),
        newMessage,
        answer => read(answer) is { } result ? new HistoryReply.Result(result, answer.IsReplayed) : null);

    private static HistoryReply.Result? ReadKey(ChaosAnswer answer)
    {
        if (answer.Status == 200)
        {
            return new HistoryReply.Result(new OperationResult.Get(answer.Revision, new RangeResult([Entry(answer.Json)], -1, false)));
        }

        return answer.Status == 404 && answer.Revision > 0
            ? new HistoryReply.Result(new OperationResult.Get(answer.Revision, new RangeResult([], -1, false)))
            : null;
    }

    private static OperationResult.Put PutResult(ChaosAnswer answer, long revision, LeaseId lease) =>
        new(revision, answer.Json.GetProperty("created").GetBoolean(), null, lease);

    private static OperationResult.Txn TxnResult(ChaosAnswer answer)
    {
        var revision = Revision(answer);
        var results = answer.Json.GetProperty("results").EnumerateArray().Select(result => result.TryGetProperty("put", out var put)
            ? (OperationResult)new OperationResult.Put(revision, put.GetProperty("created").GetBoolean(), null, LeaseId.None)
            : new OperationResult.Get(revision, new RangeResult(Items(result.GetProperty("get")), -1, false)));
        return new OperationResult.Txn(revision, answer.Json.GetProperty("succeeded").GetBoolean(), [.. results]);
    }

    private static KeyValue[] Items(JsonElement page) => [.. page.GetProperty("items").EnumerateArray().Select(Entry)];

    private static bool IsNoLease(ChaosAnswer answer) =>
        answer.Status == 404 && answer.Json.TryGetProperty("code", out var code) && code.GetString() == "lease-not-found";

    private static bool IsDone(ChaosAnswer answer) => answer.Status is 200 or 201;

    private static long Revision(ChaosAnswer answer) => answer.Json.GetProperty("rev").GetInt64();

    private static RangeRequest Single(string key) => new(KeyRange.Single(Bytes(key)));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static HttpRequestMessage PutMessage(string key, string value, string more) =>
        new(HttpMethod.Put, $"/v1/kv/{key}?{Timeout}{more}") { Content = new StringContent(value) };

    private static HttpRequestMessage Post(string path, string body) =>
        new(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
}
