using System.Text;
using RestKv.Checkers.History;
using RestKv.Checkers.Model;
using RestKv.Checkers.Witness;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Checkers.Tests;

/// <summary>Builds small histories by hand: the answers are the model's unless a test says otherwise.</summary>
internal sealed class BadHistory
{
    private readonly KvModel _store = new();
    private int _nextId = 1;

    public List<HistoryOperation> Operations { get; } = [];

    public List<CommittedEntry> Order { get; } = [];

    public KvModel Store => _store;

    public static byte[] B(string text) => Encoding.ASCII.GetBytes(text);

    public static Operation.Put Put(string key, string value) => new(B(key), B(value));

    public static Command Write(Operation operation) => new Command.Write(operation);

    /// <summary>Applies, answers truly, and records.</summary>
    public int Do(long start, long end, Command command, ModelContext? context = null)
    {
        var id = _nextId;
        context ??= ModelContext.Empty;
        var result = _store.Apply(command, context).Result;
        Order.Add(new CommittedEntry(command, context, id, _store.Revision));
        return Told(start, end, new HistoryRequest.Submit(command, context.Author, context.IdempotencyKey), result);
    }

    public int DoPut(long start, long end, string key, string value) => Do(start, end, Write(Put(key, value)));

    /// <summary>Records an operation with an answer of the test's own making, without applying anything.</summary>
    public int Told(long start, long end, HistoryRequest request, OperationResult? result, HistoryOutcome outcome = HistoryOutcome.Ok)
    {
        Operations.Add(new HistoryOperation
        {
            Id = _nextId,
            Client = _nextId,
            Request = request,
            Start = start,
            End = outcome == HistoryOutcome.Unknown ? HistoryOperation.Never : end,
            Outcome = outcome,
            Reply = result is null ? null : new HistoryReply.Result(result),
            Member = 1,
        });
        return _nextId++;
    }

    /// <summary>A linearizable read of one key, answered as of a revision.</summary>
    public int Read(long start, long end, string key, long revision, bool local = false)
    {
        var request = new RangeRequest(KeyRange.Single(B(key)));
        return Told(start, end, new HistoryRequest.Read(request, local), _store.Read(request, revision, 0));
    }

    public int ReadNow(long start, long end, string key) => Read(start, end, key, _store.Revision);

    /// <summary>A read that answers with an entry that need not exist.</summary>
    public int ReadEntry(long start, long end, string key, long revision, params KeyValue[] items) => Told(
        start,
        end,
        new HistoryRequest.Read(new RangeRequest(KeyRange.Single(B(key)))),
        new OperationResult.Get(revision, new RangeResult(items, -1, false)));

    public static KeyValue Entry(string key, string value, long create, long mod, long version) =>
        new(B(key), B(value), create, mod, version, LeaseId.None, 0, "");
}
