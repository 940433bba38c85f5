using RestKv.Checkers.History;
using RestKv.Checkers.Model;
using RestKv.Core.Commands;

namespace RestKv.Checkers.Witness;

/// <summary>
/// Checker B: the store claims a total order, so nothing need be searched. The order is replayed through
/// <see cref="KvModel"/>; every answer must be the model's at its place, every place must agree with real time, and no
/// request may have more than one. Together that is strict serializability, transactions included, in O(n log n).
/// </summary>
public sealed partial class WitnessChecker
{
    /// <summary>More violations than anybody reads.</summary>
    private const int ViolationsMax = 50;

    private readonly IReadOnlyList<HistoryOperation> _operations;
    private readonly IReadOnlyList<CommittedEntry> _order;
    private readonly Dictionary<int, HistoryOperation> _byId = [];
    private readonly Dictionary<int, int> _positionOf = [];

    /// <summary>Why answers to retried requests do not fit the arrivals seen so far; one arrival that fits is enough.</summary>
    private readonly Dictionary<int, string> _unfitting = [];
    private readonly List<Violation> _violations = [];
    private readonly KvModel _model = new();

    /// <summary>Position 0 is the empty store; position p is the state after the p-th entry.</summary>
    private readonly long[] _revisionAt;
    private readonly long[] _floorAt;
    private readonly List<int> _firstOfRevision = [0, 0];

    /// <summary>Places where an operation without an entry of its own could have been answered as it was.</summary>
    private readonly Dictionary<int, List<int>> _fits = [];
    private readonly Dictionary<long, List<HistoryOperation>> _asksAtRevision = [];
    private readonly Dictionary<long, List<HistoryOperation>> _renewals = [];

    private WitnessChecker(IReadOnlyList<HistoryOperation> operations, IReadOnlyList<CommittedEntry> order)
    {
        _operations = operations;
        _order = order;
        _revisionAt = new long[order.Count + 1];
        _floorAt = new long[order.Count + 1];
    }

    public static WitnessReport Check(IReadOnlyList<HistoryOperation> operations, IReadOnlyList<CommittedEntry> order)
    {
        var checker = new WitnessChecker(operations, order);
        checker.Prepare();
        checker.Replay();
        checker.CheckPlacement();
        checker.CheckRealTime();
        return new WitnessReport(checker._violations, checker._model);
    }

    private void Prepare()
    {
        HashSet<int> placed = [.. _order.Where(entry => entry.OperationId is not null).Select(entry => entry.OperationId ?? 0)];
        foreach (var operation in _operations)
        {
            _byId.Add(operation.Id, operation);
            if (operation.Outcome != HistoryOutcome.Ok)
            {
                continue;
            }

            if (operation.Request is HistoryRequest.Submit { Command: Command.LeaseRenew renew })
            {
                foreach (var id in renew.Ids)
                {
                    Add(_renewals, id.Value, operation);
                }
            }
            else if (operation.Request is HistoryRequest.Lease || (IsReadOnlyTxn(operation) && !placed.Contains(operation.Id)))
            {
                Add(_asksAtRevision, operation.Revision, operation);
            }
        }
    }

    private void Replay()
    {
        _revisionAt[0] = _model.Revision;
        TryAsks(0);
        for (var position = 1; position <= _order.Count; position++)
        {
            var entry = _order[position - 1];
            var before = _model.Revision;
            var result = _model.Apply(entry.Command, entry.Context);
            _revisionAt[position] = _model.Revision;
            _floorAt[position] = _model.CompactedRevision;
            if (_model.Revision != before)
            {
                _firstOfRevision.Add(position);
            }

            if (entry.Revision != 0 && entry.Revision != _model.Revision)
            {
                Report("I12", $"entry {position} ({entry.Command.GetType().Name}) left revision {entry.Revision}, not {_model.Revision}");
            }

            Judge(position, entry, result);
            TryAsks(position);
        }

        foreach (var (id, difference) in _unfitting)
        {
            Report("I11", difference, id);
        }
    }

    /// <summary>Compares the answer with the model's and sees to it that a request has one place at most.</summary>
    private void Judge(int position, CommittedEntry entry, ModelResult result)
    {
        if (entry.Command is Command.LeaseRenew or Command.LeaseRenewFor)
        {
            TryRenewals(position, entry.Command, result.Result);
            return;
        }

        if (entry.OperationId is not { } id)
        {
            if (entry.Command is not (Command.LeaseExpire or Command.Tick or Command.Compact or Command.SetRetention
                or Command.MemberChange or Command.StateMark or Command.StateReport))
            {
                Report("I12", $"entry {position} ({entry.Command}) was asked for by nobody");
            }

            return;
        }

        if (!_byId.TryGetValue(id, out var operation))
        {
            Report("I12", $"entry {position} belongs to operation {id}, which nobody began");
            return;
        }

        var isFirst = _positionOf.TryAdd(id, position);
        if (!isFirst && entry.Context.IdempotencyKey is null)
        {
            Report("I18", $"operation is in the order twice, at {_positionOf[id]} and {position}", id);
            return;
        }

        if (operation is not { Outcome: HistoryOutcome.Ok, Reply: HistoryReply.Result reply } || IsRemembered(reply, result))
        {
            return;
        }

        // A refusal that is about the key itself is not remembered, so each arrival is refused anew, at the revision of its place.
        if (ReplyComparison.Differ(entry.Command, result, reply.Value) is not { } difference)
        {
            _unfitting.Remove(id);
        }
        else if (isFirst)
        {
            _unfitting[id] = $"at {position}, revision {_model.Revision}, {ReplyComparison.Show(entry.Command)}: {difference}";
        }
    }

    /// <summary>Of a result too large to keep, a retry learns only that it happened, and when.</summary>
    private static bool IsRemembered(HistoryReply.Result reply, ModelResult expected) =>
        reply is { Replayed: true, Value: OperationResult.Kept } && reply.Value.Revision == expected.Result.Revision;

    private void TryAsks(int position)
    {
        foreach (var operation in _asksAtRevision.GetValueOrDefault(_model.Revision, []))
        {
            var fits = operation.Request switch
            {
                HistoryRequest.Lease lease => FitsLease(lease, (HistoryReply.Lease?)operation.Reply),
                HistoryRequest.Submit submit => operation.Reply is HistoryReply.Result reply
                    && ReplyComparison.Differ(submit.Command, _model.Apply(submit.Command, ModelContext.Empty), reply.Value) is null,
                _ => false,
            };
            if (fits)
            {
                Add(_fits, operation.Id, position);
            }
        }
    }

    private bool FitsLease(HistoryRequest.Lease request, HistoryReply.Lease? reply)
    {
        var lease = _model.FindLease(request.Id);
        if (reply?.Info is not { } info)
        {
            return reply is not null && lease is null;
        }

        return lease is { } want && info.Id == request.Id && info.GrantedTtlSeconds == want.TtlSeconds
            && info.RemainingMs >= 0 && info.RemainingMs <= want.TtlSeconds * 1000
            && info.Keys.Select(key => Bytes.Name(key)).SequenceEqual(want.Keys);
    }

    private static bool IsReadOnlyTxn(HistoryOperation operation) =>
        operation.Request is HistoryRequest.Submit { Command: Command.Write { Operation: Operation.Txn txn } } && OnlyReads(txn);

    private static bool OnlyReads(Operation.Txn txn) => txn.Then.Concat(txn.Else).All(operation => operation switch
    {
        Operation.Get => true,
        Operation.Txn inner => OnlyReads(inner),
        _ => false,
    });

    private void Report(string rule, string message, params ReadOnlySpan<int> operations)
    {
        if (_violations.Count < ViolationsMax)
        {
            _violations.Add(new Violation(rule, message, operations));
        }
    }

    private static void Add<TKey, TValue>(Dictionary<TKey, List<TValue>> lists, TKey key, TValue value)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list))
        {
            list = [];
            lists.Add(key, list);
        }

        list.Add(value);
    }
}
