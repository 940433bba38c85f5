using System.Text;
using RestKv.Checkers.History;
using RestKv.Checkers.Model;
using RestKv.Checkers.Search;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Checkers.Tests;

/// <summary>The search against the definition itself: every order and every fate of the unknown, tried one by one.</summary>
public sealed class BruteForceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Search_agrees_with_all_permutations(ulong part)
    {
        var counts = new int[2];
        for (ulong seed = 0; seed < 2000; seed++)
        {
            var operations = Tiny(new SplitMix64((part * 1_000_000) + seed));

            var expected = IsLinearizable(operations) ? SearchVerdict.Linearizable : SearchVerdict.Impossible;
            var actual = SearchChecker.Check(operations).Verdict;

            Assert.True(expected == actual, $"seed {part}/{seed}: expected {expected}, got {actual}\n{string.Join("\n", operations)}");
            counts[(int)expected]++;
        }

        // Both answers must be common, or the comparison would prove little.
        Assert.All(counts, count => Assert.True(count > 100, $"{counts[0]} linearizable, {counts[1]} impossible"));
    }

    /// <summary>Up to six operations on one key with answers drawn at random from what is plausible.</summary>
    private static List<HistoryOperation> Tiny(SplitMix64 random)
    {
        List<HistoryOperation> operations = [];
        var count = 3 + random.Next(4);
        for (var id = 1; id <= count; id++)
        {
            var start = random.Next(10);
            var isUnknown = random.Next(5) == 0;
            var (request, reply) = MakeOne(random, id);
            isUnknown &= request is HistoryRequest.Submit;
            operations.Add(new HistoryOperation
            {
                Id = id,
                Client = id,
                Request = request,
                Start = start,
                End = isUnknown ? HistoryOperation.Never : start + 1 + random.Next(20),
                Outcome = isUnknown ? HistoryOutcome.Unknown : HistoryOutcome.Ok,
                Reply = isUnknown ? null : new HistoryReply.Result(reply),
            });
        }

        return operations;
    }

    private static (HistoryRequest Request, OperationResult Reply) MakeOne(SplitMix64 random, int id)
    {
        var range = KeyRange.Single("k"u8.ToArray());
        var value = Encoding.ASCII.GetBytes($"{(random.Next(3) == 0 ? random.Next(3) : id)}");
        var put = new Operation.Put("k"u8.ToArray(), value);
        switch (random.Next(5))
        {
            case 0 or 1:
                var items = random.Next(3) == 0 ? [] : new[] { Entry(random) };
                return (new HistoryRequest.Read(new RangeRequest(range)), new OperationResult.Get(1, new RangeResult(items, -1, false)));
            case 2:
                return (Write(put), new OperationResult.Put(1, random.Next(2) == 0, null, LeaseId.None));
            case 3:
                return (Write(new Operation.Delete(range)), new OperationResult.Delete(1, random.Next(2), []));
            default:
                var compare = random.Next(2) == 0
                    ? new Compare(range, CompareTarget.Value, (CompareOperator)random.Next(4), 0, Encoding.ASCII.GetBytes($"{random.Next(5)}"))
                    : new Compare(range, CompareTarget.Version, (CompareOperator)random.Next(4), random.Next(3), default);
                var succeeded = random.Next(2) == 0;
                return (
                    Write(new Operation.Txn([compare], [put], [])),
                    new OperationResult.Txn(1, succeeded, succeeded ? [new OperationResult.Put(1, random.Next(2) == 0, null, LeaseId.None)] : []));
        }
    }

    private static KeyValue Entry(SplitMix64 random) =>
        new("k"u8.ToArray(), Encoding.ASCII.GetBytes($"{random.Next(5)}"), 1, 1, 1 + random.Next(2), LeaseId.None, 0, "");

    private static HistoryRequest.Submit Write(Operation operation) => new(new Command.Write(operation));

    private static bool IsLinearizable(List<HistoryOperation> operations) =>
        Extend(operations, 0, (Value: null, Version: 0));

    private static bool Extend(List<HistoryOperation> operations, int taken, (string? Value, long Version) state)
    {
        var left = operations.Where((_, i) => (taken & (1 << i)) == 0).ToList();
        if (left.TrueForAll(operation => operation.Outcome == HistoryOutcome.Unknown))
        {
            return true;
        }

        for (var i = 0; i < operations.Count; i++)
        {
            var operation = operations[i];
            if ((taken & (1 << i)) == 0
                && left.TrueForAll(other => other.End >= operation.Start)
                && Act(operation, state) is { } after
                && Extend(operations, taken | (1 << i), after))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The state after, or null when the answer does not fit.</summary>
    private static (string? Value, long Version)? Act(HistoryOperation operation, (string? Value, long Version) state)
    {
        var reply = (operation.Reply as HistoryReply.Result)?.Value;
        switch (operation.Request)
        {
            case HistoryRequest.Read:
                var items = ((OperationResult.Get)reply!).Result.Items;
                var isSame = items.Count == 0
                    ? state.Value is null
                    : state.Value == Bytes.Name(items[0].Value) && state.Version == items[0].Version;
                return isSame ? state : null;
            case HistoryRequest.Submit { Command: Command.Write { Operation: Operation.Txn txn } }:
                var holds = Holds(txn.If[0], state);
                if (reply is OperationResult.Txn told && told.Succeeded != holds)
                {
                    return null;
                }

                return holds ? ActPut((Operation.Put)txn.Then[0], (reply as OperationResult.Txn)?.Results[0], state) : state;
            case HistoryRequest.Submit { Command: Command.Write { Operation: Operation.Put put } }:
                return ActPut(put, reply, state);
            default:
                var existed = state.Value is null ? 0 : 1;
                return reply is OperationResult.Delete delete && delete.Deleted != existed ? null : (null, 0);
        }
    }

    private static (string? Value, long Version)? ActPut(Operation.Put put, OperationResult? reply, (string? Value, long Version) state) =>
        reply is OperationResult.Put told && told.Created != (state.Value is null) ? null : (Bytes.Name(put.Value), state.Version + 1);

    private static bool Holds(Compare compare, (string? Value, long Version) state)
    {
        if (compare.Target == CompareTarget.Value && state.Value is null)
        {
            return false;
        }

        var order = compare.Target == CompareTarget.Value
            ? string.CompareOrdinal(state.Value, Bytes.Name(compare.Bytes))
            : state.Version.CompareTo(compare.Number);
        return compare.Operator switch
        {
            CompareOperator.Equal => order == 0,
            CompareOperator.NotEqual => order != 0,
            CompareOperator.Greater => order > 0,
            _ => order < 0,
        };
    }
}
