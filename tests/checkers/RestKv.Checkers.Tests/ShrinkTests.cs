using RestKv.Checkers.History;
using RestKv.Checkers.Search;
using RestKv.Checkers.Witness;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Checkers.Tests;

public sealed class ShrinkTests
{
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public void One_stale_read_among_thousands_of_operations_is_found_and_shrunk(ulong seed)
    {
        var generator = new HistoryGenerator(seed, clients: 6, keys: 4);
        generator.Run(3000);
        var operations = generator.Operations;
        var stale = MakeStale(operations, new SplitMix64(seed));

        var search = SearchChecker.Check(operations);
        var witness = WitnessChecker.Check(operations, generator.Order);

        var proof = Assert.Single(search.Violations);
        Assert.InRange(proof.Operations.Count, 2, 5);
        Assert.Contains(stale, proof.Operations);
        Assert.Contains(witness.Violations, violation => violation.Operations.Contains(stale));
    }

    /// <summary>Gives a read the answer of a read of the same key that ended long before, with a write in between.</summary>
    private static int MakeStale(List<HistoryOperation> operations, SplitMix64 random)
    {
        var reads = operations
            .Where(operation => operation.Request is HistoryRequest.Read { Local: false, Range: { Range.Kind: KeyRangeKind.Single, Revision: 0 } })
            .OrderBy(operation => operation.Start)
            .ToList();
        while (true)
        {
            var late = reads[(reads.Count / 2) + random.Next(reads.Count / 2)];
            var key = ((HistoryRequest.Read)late.Request).Range.Range;
            var early = reads.LastOrDefault(read => ((HistoryRequest.Read)read.Request).Range.Range.Equals(key)
                && read.End < late.Start - 5000 && Items(read).Count == 1
                && (Items(late).Count == 0 || Items(late)[0].ModRevision > Items(read)[0].ModRevision + 3));
            if (early is not null)
            {
                operations[operations.FindIndex(operation => operation.Id == late.Id)] = late with { Reply = early.Reply };
                return late.Id;
            }
        }
    }

    private static IReadOnlyList<KeyValue> Items(HistoryOperation read) =>
        ((OperationResult.Get)((HistoryReply.Result)read.Reply!).Value).Result.Items;
}
