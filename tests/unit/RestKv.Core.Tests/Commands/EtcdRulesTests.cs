using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Core.Model;
using RestKv.Core.Tests.Replication;
using RestKv.Raft;

namespace RestKv.Core.Tests.Commands;

/// <summary>What clients of etcd expect of commands beyond what the native API asks for.</summary>
public sealed class EtcdRulesTests
{
    [Fact]
    public void A_compaction_that_must_advance_goes_further_than_the_last()
    {
        var node = Filled();

        Assert.IsType<OperationResult.Compacted>(node.Run(new Command.Compact(0, MustAdvance: true)));
        Assert.Equal(RejectionCode.RevisionCompacted, Refusal(node.Run(new Command.Compact(0, MustAdvance: true))));
        Assert.Equal(RejectionCode.RevisionCompacted, Refusal(node.Run(new Command.Compact(-1, MustAdvance: true))));
        Assert.IsType<OperationResult.Compacted>(node.Run(new Command.Compact(3, MustAdvance: true)));
        Assert.Equal(RejectionCode.RevisionCompacted, Refusal(node.Run(new Command.Compact(3, MustAdvance: true))));
        Assert.Equal(RejectionCode.RevisionInFuture, Refusal(node.Run(new Command.Compact(99, MustAdvance: true))));
        Assert.IsType<OperationResult.Compacted>(node.Run(new Command.Compact(3)));
    }

    [Fact]
    public void Of_several_reasons_to_refuse_writes_come_before_reads_and_a_lone_puts_lease_before_its_key()
    {
        var node = Filled();
        var future = new Operation.Get(new RangeRequest(KeyRange.All) { Revision = 99 });
        var put = new Operation.Put("none"u8.ToArray(), default) { KeepValue = true, Lease = new LeaseId(9) };

        Assert.Equal(RejectionCode.LeaseNotFound, Refusal(node.Run(new Command.Write(put))));
        Assert.Equal(
            RejectionCode.KeyNotFound, Refusal(node.Run(new Command.Write(new Operation.Txn([], [future, put], [])))));
        Assert.Equal(
            RejectionCode.LeaseNotFound,
            Refusal(node.Run(new Command.Write(new Operation.Txn([], [future, put with { KeepValue = false }], [])))));
        Assert.Equal(
            RejectionCode.RevisionInFuture,
            Refusal(node.Run(new Command.Write(new Operation.Txn([], [future, put with { KeepValue = false, Lease = LeaseId.None }], [])))));
    }

    [Fact]
    public void Transactions_nested_as_deep_as_etcd_allows_run()
    {
        var node = Filled();
        var txn = new Operation.Txn([], [new Operation.Put("deep"u8.ToArray(), default)], []);
        for (var depth = 1; depth < 129; depth++)
        {
            txn = new Operation.Txn([], [txn], []);
        }

        Assert.IsType<OperationResult.Txn>(node.Run(new Command.Write(txn)));
        Assert.True(node.View.TryGet("deep"u8, out _));
    }

    /// <summary>What only reads is answered on a view as the log would answer it.</summary>
    [Fact]
    public void Reading_transactions_come_to_the_same_on_a_view()
    {
        var node = Filled();
        node.Run(new Command.Compact(3));
        foreach (var txn in ReadingTransactions())
        {
            var logged = node.Run(new Command.Write(txn));
            var read = TxnReader.Run(node.View, txn);

            Assert.True(TxnReader.CanRun(txn));
            Assert.Equal(Describe(logged), Describe(read));
        }

        Assert.False(TxnReader.CanRun(new Operation.Txn([], [new Operation.Txn([], [], [])], [])));
        Assert.False(TxnReader.CanRun(new Operation.Txn([], [], [new Operation.Delete(KeyRange.All)])));
    }

    [Fact]
    public void Members_without_a_name_do_not_collide()
    {
        var node = Filled();
        var first = new Command.MemberAdd(NodeId.None, "", ["http://127.0.0.1:1"], MemberRole.Learner, NodeId.None);

        Assert.IsType<OperationResult.MemberChanged>(node.Run(first));
        Assert.IsType<OperationResult.MemberChanged>(node.Run(first with { PeerUrls = ["http://127.0.0.1:2"] }));
        Assert.Equal(RejectionCode.MemberExists, Refusal(node.Run(first)));
    }

    private static IEnumerable<Operation.Txn> ReadingTransactions()
    {
        KeyRange[] ranges = [KeyRange.Single("a"u8.ToArray()), KeyRange.Single("none"u8.ToArray()), KeyRange.All, KeyRange.From("b"u8.ToArray())];
        foreach (var range in ranges)
        {
            foreach (var target in Enum.GetValues<CompareTarget>())
            {
                foreach (var comparison in Enum.GetValues<CompareOperator>())
                {
                    var compare = new Compare(range, target, comparison, 2, "2"u8.ToArray());
                    foreach (var revision in new long[] { 0, -1, 2, 3, 4, 99 })
                    {
                        var get = new Operation.Get(new RangeRequest(range) { Revision = revision, WantCount = true });
                        yield return new Operation.Txn([compare], [get, get], [new Operation.Get(new RangeRequest(range) { CountOnly = true })]);
                    }
                }
            }
        }
    }

    private static string Describe(OperationResult result) => result switch
    {
        OperationResult.Txn txn => $"{txn.Revision} {txn.Succeeded} {string.Join(" ", txn.Results.Select(Describe))}",
        OperationResult.Get get => $"{get.Revision}:{get.Result.Count}:{string.Join(",", get.Result.Items.Select(item => item.ModRevision))}",
        _ => result.ToString(),
    };

    private static LoneReplica Filled()
    {
        var node = new LoneReplica();
        node.Elect();
        node.Run(new Command.Write(new Operation.Put("a"u8.ToArray(), "1"u8.ToArray())));
        node.Run(new Command.Write(new Operation.Put("a"u8.ToArray(), "2"u8.ToArray())));
        node.Run(new Command.Write(new Operation.Put("b"u8.ToArray(), "2"u8.ToArray())));
        return node;
    }

    private static RejectionCode Refusal(OperationResult result) =>
        result is OperationResult.Rejected rejected ? rejected.Rejection.Code : RejectionCode.None;
}
