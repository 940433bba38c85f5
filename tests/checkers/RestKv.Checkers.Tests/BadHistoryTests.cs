using RestKv.Checkers.History;
using RestKv.Checkers.Model;
using RestKv.Checkers.Search;
using RestKv.Checkers.Witness;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using static RestKv.Checkers.Tests.BadHistory;

namespace RestKv.Checkers.Tests;

/// <summary>A library of wrong histories: what each is, which rule it breaks, whether the search must see it too.</summary>
public sealed class BadHistoryTests
{
    private static readonly Dictionary<string, (string Rule, bool BySearch, Action<BadHistory> Make)> Library = new()
    {
        ["stale read"] = ("I13", true, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.DoPut(20, 30, "a", "2");
            h.Read(40, 50, "a", 2);
        }
        ),
        ["read goes back"] = ("I13", true, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.DoPut(20, 100, "a", "2");
            h.Read(30, 40, "a", 3);
            h.Read(50, 60, "a", 2);
        }
        ),
        ["stale read of a deleted key"] = ("I13", true, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.Do(20, 30, Write(new Operation.Delete(KeyRange.Single(B("a")))));
            h.Read(40, 50, "a", 2);
        }
        ),
        ["lost write"] = ("I19", true, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.Told(20, 30, new HistoryRequest.Submit(Write(Put("a", "2"))), new OperationResult.Put(3, false, null, LeaseId.None));
            h.ReadNow(40, 50, "a");
        }
        ),
        ["double apply"] = ("I18", true, h =>
        {
            var id = h.DoPut(0, 10, "a", "1");
            h.Store.Apply(Write(Put("a", "1")), ModelContext.Empty);
            h.Order.Add(new CommittedEntry(Write(Put("a", "1")), ModelContext.Empty, id, 3));
            h.ReadNow(20, 30, "a");
        }
        ),
        ["dirty read"] = ("I19", true, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.Told(20, 30, new HistoryRequest.Submit(Write(Put("a", "2"))), null, HistoryOutcome.Fail);
            h.ReadEntry(22, 28, "a", 3, Entry("a", "2", 2, 3, 2));
            h.ReadNow(40, 50, "a");
        }
        ),
        ["read of a value from nowhere"] = ("I15", true, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.ReadEntry(20, 30, "a", 2, Entry("a", "ghost", 2, 2, 1));
        }
        ),
        ["failed write is applied"] = ("I18", true, h =>
        {
            h.DoPut(0, 10, "a", "1");
            var id = h.Told(20, 30, new HistoryRequest.Submit(Write(Put("a", "2"))), null, HistoryOutcome.Fail);
            h.Store.Apply(Write(Put("a", "2")), ModelContext.Empty);
            h.Order.Add(new CommittedEntry(Write(Put("a", "2")), ModelContext.Empty, id, 3));
            h.ReadNow(40, 50, "a");
        }
        ),
        ["write nobody asked for"] = ("I12", true, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.Store.Apply(Write(Put("a", "x")), ModelContext.Empty);
            h.Order.Add(new CommittedEntry(Write(Put("a", "x")), ModelContext.Empty, null, 3));
            h.ReadNow(40, 50, "a");
        }
        ),
        ["write takes effect before it began"] = ("I13", true, h =>
        {
            h.DoPut(100, 110, "a", "1");
            h.Read(0, 10, "a", 2);
        }
        ),
        ["order against real time"] = ("I13", false, h =>
        {
            h.DoPut(100, 110, "a", "1");
            h.DoPut(0, 10, "b", "2");
        }
        ),
        ["compare-and-set succeeds on the wrong value"] = ("I11", true, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.DoPut(20, 30, "a", "2");
            var txn = new Operation.Txn([ValueIs("a", "1")], [Put("a", "3")], []);
            var id = h.Do(40, 50, Write(txn));
            h.Operations[^1] = h.Operations[^1] with { Reply = Succeeded(4) };
            _ = id;
        }
        ),
        ["two compare-and-sets of one value both win"] = ("I11", true, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.Do(20, 60, Write(new Operation.Txn([ValueIs("a", "1")], [Put("a", "2")], [])));
            h.Do(20, 60, Write(new Operation.Txn([ValueIs("a", "1")], [Put("a", "3")], [])));
            h.Operations[^1] = h.Operations[^1] with { Reply = Succeeded(4) };
        }
        ),
        ["split transaction"] = ("I15", false, h =>
        {
            h.Do(0, 10, Write(new Operation.Txn([], [Put("a", "1"), Put("b", "1")], [])));
            h.Do(20, 90, Write(new Operation.Txn([], [Put("a", "2"), Put("b", "2")], [])));
            h.Told(30, 40, new HistoryRequest.Read(new RangeRequest(KeyRange.All)), new OperationResult.Get(
                3, new RangeResult([Entry("a", "2", 2, 3, 2), Entry("b", "1", 2, 2, 1)], -1, false)));
        }
        ),
        ["wrong version"] = ("I15", true, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.DoPut(20, 30, "a", "2");
            h.ReadEntry(40, 50, "a", 3, Entry("a", "2", 2, 3, 1));
        }
        ),
        ["version counts a delete"] = ("I15", true, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.Do(20, 30, Write(new Operation.Delete(KeyRange.Single(B("a")))));
            h.DoPut(40, 50, "a", "2");
            h.ReadEntry(60, 70, "a", 4, Entry("a", "2", 4, 4, 3));
        }
        ),
        ["wrong create revision"] = ("I15", false, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.DoPut(20, 30, "a", "2");
            h.ReadEntry(40, 50, "a", 3, Entry("a", "2", 3, 3, 2));
        }
        ),
        ["revision given twice"] = ("I12", false, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.DoPut(20, 30, "b", "1");
            h.Order[^1] = h.Order[^1] with { Revision = 2 };
        }
        ),
        ["delete counts wrong"] = ("I11", true, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.Do(20, 30, Write(new Operation.Delete(KeyRange.Single(B("a")))));
            h.Operations[^1] = h.Operations[^1] with { Reply = new HistoryReply.Result(new OperationResult.Delete(2, 0, [])) };
        }
        ),
        ["previous value wrong"] = ("I11", true, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.DoPut(20, 30, "a", "2");
            h.Do(40, 50, Write(Put("a", "3") with { ReturnPrevious = true }));
            h.Operations[^1] = h.Operations[^1] with
            {
                Reply = new HistoryReply.Result(new OperationResult.Put(4, false, Entry("a", "1", 2, 2, 1), LeaseId.None)),
            };
        }
        ),
        ["page out of order"] = ("I15", false, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.DoPut(20, 30, "b", "1");
            h.Told(40, 50, new HistoryRequest.Read(new RangeRequest(KeyRange.All)), new OperationResult.Get(
                3, new RangeResult([Entry("b", "1", 3, 3, 1), Entry("a", "1", 2, 2, 1)], -1, false)));
        }
        ),
        ["page forgets that there is more"] = ("I15", true, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.DoPut(20, 30, "b", "1");
            h.Told(40, 50, new HistoryRequest.Read(new RangeRequest(KeyRange.All) { Limit = 1 }), new OperationResult.Get(
                3, new RangeResult([Entry("a", "1", 2, 2, 1)], -1, false)));
        }
        ),
        ["phantom in a range"] = ("I15", true, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.DoPut(60, 70, "b", "1");
            h.Told(20, 30, new HistoryRequest.Read(new RangeRequest(KeyRange.All)), new OperationResult.Get(
                2, new RangeResult([Entry("a", "1", 2, 2, 1), Entry("b", "1", 3, 3, 1)], -1, false)));
        }
        ),
        ["read of the past shows the present"] = ("I16", false, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.DoPut(20, 30, "a", "2");
            h.Told(40, 50, new HistoryRequest.Read(new RangeRequest(KeyRange.Single(B("a"))) { Revision = 2 }), new OperationResult.Get(
                3, new RangeResult([Entry("a", "2", 2, 3, 2)], -1, false)));
        }
        ),
        ["read below the floor is answered"] = ("I16", false, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.DoPut(20, 30, "a", "2");
            h.Do(40, 50, new Command.Compact(3));
            h.DoPut(60, 70, "a", "3");
            h.Told(80, 90, new HistoryRequest.Read(new RangeRequest(KeyRange.Single(B("a"))) { Revision = 2 }), new OperationResult.Get(
                4, new RangeResult([Entry("a", "1", 2, 2, 1)], -1, false)));
        }
        ),
        ["refused as compacted for nothing"] = ("I16", false, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.Told(40, 50, new HistoryRequest.Read(new RangeRequest(KeyRange.Single(B("a"))) { Revision = 2 }), new OperationResult.Rejected(
                2, new Rejection(RejectionCode.RevisionCompacted, 3)));
        }
        ),
        ["compaction lost a needed version"] = ("I16", false, h =>
        {
            h.DoPut(0, 10, "a", "1");
            h.DoPut(20, 30, "b", "2");
            h.Do(40, 50, new Command.Compact(3));
            h.Operations.Add(new HistoryOperation
            {
                Id = 100,
                Client = 9,
                Request = new HistoryRequest.KeyHistory(B("a")),
                Start = 60,
                End = 70,
                Outcome = HistoryOutcome.Ok,
                Reply = new HistoryReply.Versions(3, 3, []),
            });
        }
        ),
        ["lease answer after it ended"] = ("I13", false, h =>
        {
            h.Do(0, 10, new Command.LeaseGrant(new LeaseId(7), 10));
            h.Do(20, 30, new Command.LeaseRevoke(new LeaseId(7)));
            h.Operations.Add(new HistoryOperation
            {
                Id = 100,
                Client = 9,
                Request = new HistoryRequest.Lease(new LeaseId(7)),
                Start = 60,
                End = 70,
                Outcome = HistoryOutcome.Ok,
                Reply = new HistoryReply.Lease(1, new Core.Leases.LeaseInfo(new LeaseId(7), 10, 5, [])),
            });
        }
        ),
        ["keys of a revoked lease stay"] = ("I15", false, h =>
        {
            h.Do(0, 10, new Command.LeaseGrant(new LeaseId(7), 10));
            h.Do(20, 30, Write(Put("a", "1") with { Lease = new LeaseId(7) }));
            h.Do(40, 50, new Command.LeaseRevoke(new LeaseId(7)));
            h.ReadEntry(60, 70, "a", 3, Entry("a", "1", 2, 2, 1) with { Lease = new LeaseId(7) });
        }
        ),
        ["retry with an idempotency key applied twice"] = ("I11", true, h =>
        {
            var context = new ModelContext { IdempotencyKey = "k" };
            h.Do(0, 30, Write(Put("a", "1")), context);
            h.Order.Add(new CommittedEntry(Write(Put("a", "1")), context, 1, 0));
            h.ReadEntry(40, 50, "a", 3, Entry("a", "1", 2, 3, 2));
        }
        ),
    };

    public static TheoryData<string> Names => [.. Library.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_rejected(string name)
    {
        var (rule, bySearch, make) = Library[name];
        var history = new BadHistory();
        make(history);

        var witness = WitnessChecker.Check(history.Operations, history.Order);
        var search = SearchChecker.Check(history.Operations);

        Assert.True(
            witness.Violations.Any(violation => violation.Rule == rule) || (bySearch && rule == "I11"),
            $"expected {rule}, got [{string.Join("; ", witness.Violations)}]");
        Assert.False(witness.IsValid);
        Assert.Equal(bySearch ? SearchVerdict.Impossible : SearchVerdict.Linearizable, search.Verdict);
    }

    [Fact]
    public void The_same_pieces_put_right_are_accepted()
    {
        var history = new BadHistory();
        history.DoPut(0, 10, "a", "1");
        history.DoPut(20, 100, "a", "2");
        history.Read(30, 40, "a", 2);
        history.Read(50, 60, "a", 3);
        history.Read(70, 80, "a", 2, local: true);
        history.Do(110, 120, Write(new Operation.Txn([ValueIs("a", "2")], [Put("a", "3")], [])));

        Assert.Empty(WitnessChecker.Check(history.Operations, history.Order).Violations);
        Assert.Equal(SearchVerdict.Linearizable, SearchChecker.Check(history.Operations).Verdict);
    }

    /// <summary>Found by simulator seed 105: a retry whose stored result was too long to keep is answered with the revision alone.</summary>
    [Theory]
    [InlineData(true, SearchVerdict.Linearizable)]
    [InlineData(false, SearchVerdict.Impossible)]
    public void A_retry_of_which_only_the_fact_is_remembered_did_happen(bool isSeen, SearchVerdict verdict)
    {
        var history = new BadHistory();
        history.DoPut(0, 5, "a", "0");
        history.Told(10, 100, new HistoryRequest.Submit(Write(Put("a", "1")), "", "k"), new OperationResult.Kept(3));
        history.ReadEntry(20, 30, "a", 3, Entry("a", "1", 2, 3, 2));
        history.ReadEntry(110, 120, "a", 3, isSeen ? Entry("a", "1", 2, 3, 2) : Entry("a", "0", 2, 2, 1));

        Assert.Equal(verdict, SearchChecker.Check(history.Operations).Verdict);
    }

    private static Compare ValueIs(string key, string value) =>
        new(KeyRange.Single(B(key)), CompareTarget.Value, CompareOperator.Equal, 0, B(value));

    private static HistoryReply.Result Succeeded(long revision) => new(new OperationResult.Txn(
        revision, true, [new OperationResult.Put(revision, false, null, LeaseId.None)]));
}
