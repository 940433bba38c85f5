using System.Collections.Immutable;
using System.Text;
using RestKv.Checkers.History;
using RestKv.Checkers.Model;
using RestKv.Checkers.Witness;
using RestKv.Core.Commands;
using RestKv.Core.Leases;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Raft;

namespace RestKv.Checkers.Tests;

/// <summary>
/// Makes histories that a correct store could have produced: clients overlap in time, every operation takes effect at one
/// instant between its start and its end (or later, or never, when its outcome is unknown).
/// </summary>
internal sealed class HistoryGenerator(ulong seed, int clients = 8, int keys = 10, int unknownPercent = 3)
{
    private readonly SplitMix64 _random = new(seed);
    private readonly PriorityQueue<HistoryOperation, long> _effects = new();
    private readonly List<LeaseId> _leases = [];
    private readonly KvModel _store = new();
    private long _now;
    private int _nextId = 1;
    private int _nextClient = 1_000_000;

    public List<HistoryOperation> Operations { get; } = [];

    public List<CommittedEntry> Order { get; } = [];

    public KvModel Store => _store;

    public void Run(int operations)
    {
        for (var client = 0; client < clients; client++)
        {
            Begin(client, 0);
        }

        while (Operations.Count < operations && _effects.TryDequeue(out var operation, out _now))
        {
            TakeEffect(operation);
        }

        while (_effects.TryDequeue(out var operation, out _now))
        {
            Operations.Add(operation with { End = HistoryOperation.Never, Outcome = HistoryOutcome.Unknown });
        }
    }

    private void Begin(int client, long from)
    {
        var start = from + 1 + _random.Next(200);
        var effect = start + 1 + _random.Next(500);
        var request = MakeRequest(_nextId);
        var operation = new HistoryOperation
        {
            Id = _nextId++,
            Client = client,
            Request = request,
            Start = start,
            End = effect,
            Outcome = HistoryOutcome.Ok,
            Member = 1,
        };
        var fate = _random.Next(100);
        if (fate < unknownPercent && request is HistoryRequest.Submit)
        {
            // The client has given up on it; it may still happen a good deal later.
            effect += _random.Next(2) * _random.Next(5000);
            Begin(_nextClient++, effect);
            operation = operation with { End = HistoryOperation.Never, Outcome = HistoryOutcome.Unknown };
            if (_random.Next(2) == 0)
            {
                Operations.Add(operation);
                return;
            }
        }
        else if (fate < unknownPercent + 1 && request is HistoryRequest.Submit)
        {
            Operations.Add(operation with { Outcome = HistoryOutcome.Fail });
            Begin(client, effect);
            return;
        }

        _effects.Enqueue(operation, effect);
    }

    private void TakeEffect(HistoryOperation operation)
    {
        HistoryReply reply;
        if (operation.Request is HistoryRequest.Submit submit)
        {
            var context = new ModelContext { WallMs = 1000 + (_now / 1000), ClusterMs = _now / 1000, Author = submit.Author };
            var result = _store.Apply(submit.Command, context).Result;
            if (result is OperationResult.LeaseGranted granted)
            {
                _leases.Add(granted.Id);
            }

            Order.Add(new CommittedEntry(submit.Command, context, operation.Id, _store.Revision));
            reply = new HistoryReply.Result(result);
        }
        else
        {
            reply = Answer(operation.Request);
        }

        if (operation.Outcome == HistoryOutcome.Unknown)
        {
            Operations.Add(operation);
            return;
        }

        var end = _now + 1 + _random.Next(300);
        Operations.Add(operation with { Reply = reply, End = end });
        Begin(operation.Client, end);
    }

    private HistoryReply Answer(HistoryRequest request) => request switch
    {
        HistoryRequest.Read read => new HistoryReply.Result(_store.Read(
            read.Range,
            read.Local ? Math.Max(1, _store.Revision - _random.Next(3)) : _store.Revision,
            _store.CompactedRevision)),
        HistoryRequest.KeyHistory history => new HistoryReply.Versions(
            _store.Revision, _store.CompactedRevision, [.. Retained(Bytes.Name(history.Key))]),
        HistoryRequest.Lease lease => new HistoryReply.Lease(_store.Revision, _store.FindLease(lease.Id) is { } found
            ? new LeaseInfo(lease.Id, found.TtlSeconds, 0, [.. found.Keys.Select(key => (ReadOnlyMemory<byte>)Bytes.Of(key))])
            : null),
        _ => throw new InvalidOperationException(),
    };

    private IEnumerable<Change> Retained(string key)
    {
        foreach (var change in _store.Versions(key, _store.Revision))
        {
            yield return new Change(change.Entry, change.Cause, change.Sub, true, change.Previous);
            if (change.Revision <= _store.CompactedRevision)
            {
                yield break;
            }
        }
    }

    private HistoryRequest MakeRequest(int id)
    {
        var key = Key();
        return _random.Next(100) switch
        {
            < 35 => new HistoryRequest.Read(new RangeRequest(KeyRange.Single(key))),
            < 38 => new HistoryRequest.Read(new RangeRequest(KeyRange.All) { WantCount = true, Limit = _random.Next(4) * 3 }),
            < 41 => new HistoryRequest.Read(new RangeRequest(KeyRange.Single(key)), Local: true),
            < 44 => new HistoryRequest.Read(new RangeRequest(KeyRange.All) { Revision = Math.Max(1, _store.Revision - _random.Next(30)) }),
            < 46 => new HistoryRequest.KeyHistory(key),
            < 70 => Write(Put(key, id)),
            < 78 => Write(new Operation.Delete(KeyRange.Single(key), _random.Next(2) == 0)),
            < 79 => Write(new Operation.Delete(KeyRange.Prefix("k1"u8.ToArray()), _random.Next(2) == 0)),
            < 88 => Write(CompareAndSet(key, id)),
            < 93 => Write(TwoKeys(id)),
            < 94 => new HistoryRequest.Submit(new Command.Compact(Math.Max(1, _store.Revision - _random.Next(40)))),
            < 96 => new HistoryRequest.Submit(new Command.LeaseGrant(new LeaseId(id), 1 + _random.Next(10))),
            < 97 => new HistoryRequest.Submit(new Command.LeaseRevoke(Lease())),
            < 98 => new HistoryRequest.Submit(new Command.LeaseRenew([Lease()])),
            _ => new HistoryRequest.Lease(Lease()),
        };
    }

    private static HistoryRequest.Submit Write(Operation operation) => new(new Command.Write(operation), "ann");

    private Operation.Put Put(byte[] key, int id) => new(key, Encoding.ASCII.GetBytes($"v{id}"))
    {
        ReturnPrevious = _random.Next(3) == 0,
        Lease = _random.Next(8) == 0 ? Lease() : LeaseId.None,
    };

    private Operation.Txn CompareAndSet(byte[] key, int id)
    {
        var now = _store.Find(Bytes.Name(key), _store.Revision);
        var range = KeyRange.Single(key);
        var compare = _random.Next(3) switch
        {
            0 => new Compare(range, CompareTarget.Value, CompareOperator.Equal, 0, now?.Value ?? default),
            1 => new Compare(range, CompareTarget.ModRevision, CompareOperator.Equal, now?.ModRevision ?? 0, default),
            _ => new Compare(range, CompareTarget.CreateRevision, CompareOperator.Equal, 0, default),
        };
        return new Operation.Txn([compare], [Put(key, id)], [new Operation.Get(new RangeRequest(range))]);
    }

    private Operation.Txn TwoKeys(int id)
    {
        var first = _random.Next(keys - 1);
        ImmutableArray<Operation> then =
        [
            Put(KeyAt(first), id),
            Put(KeyAt(first + 1), id),
            new Operation.Get(new RangeRequest(KeyRange.Single(KeyAt(first)))),
        ];
        return new Operation.Txn([], then, []);
    }

    private LeaseId Lease() => _leases.Count == 0 ? new LeaseId(99_999_999) : _leases[Math.Max(0, _leases.Count - 1 - _random.Next(4))];

    private byte[] Key() => KeyAt(_random.Next(keys));

    private static byte[] KeyAt(int number) => Encoding.ASCII.GetBytes($"k{number}");
}
