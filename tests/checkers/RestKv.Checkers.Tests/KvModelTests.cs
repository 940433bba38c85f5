using RestKv.Checkers.Model;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using static RestKv.Checkers.Tests.BadHistory;

namespace RestKv.Checkers.Tests;

/// <summary>The model against sentences of the contract, each with the numbers a reader can work out by hand.</summary>
public sealed class KvModelTests
{
    private readonly KvModel _model = new();

    [Fact]
    public void An_empty_store_is_at_one_and_each_effective_write_adds_one()
    {
        Assert.Equal(1, _model.Revision);
        Assert.Equal(2, Apply(Put("a", "1")).Revision);
        Assert.Equal(3, Apply(Put("a", "1")).Revision);
        Assert.Equal(3, Apply(new Operation.Delete(KeyRange.Single(B("x")))).Revision);
        Assert.Equal(4, Apply(new Operation.Txn([], [Put("b", "1"), Put("c", "1")], [])).Revision);
        Assert.Equal([0, 1], _model.ChangesBetween(4, 4).Select(change => change.Sub));
    }

    [Fact]
    public void A_delete_ends_the_life_of_a_key()
    {
        Apply(Put("a", "1"));
        Apply(Put("a", "2"));
        Apply(new Operation.Delete(KeyRange.Single(B("a"))));
        Apply(Put("a", "3"));

        var entry = _model.Find("a", 5);

        Assert.Equal((5, 5, 1), (entry?.CreateRevision, entry?.ModRevision, entry?.Version));
        Assert.Null(_model.Find("a", 4));
        Assert.Equal("2", Bytes.Name(_model.Find("a", 3)!.Value.Value));
    }

    [Fact]
    public void A_condition_on_the_value_of_a_missing_key_is_false_and_numbers_count_as_zero()
    {
        Assert.False(Succeeds(CompareTarget.Value, CompareOperator.NotEqual, 0, "x"));
        Assert.True(Succeeds(CompareTarget.Version, CompareOperator.Equal, 0, ""));
        Assert.True(Succeeds(CompareTarget.ModRevision, CompareOperator.Less, 5, ""));
        Apply(Put("a", "m"));
        Assert.True(Succeeds(CompareTarget.Value, CompareOperator.Less, 0, "n"));
        Assert.False(Succeeds(CompareTarget.Value, CompareOperator.Greater, 0, "m"));
    }

    [Fact]
    public void Nested_compares_see_the_state_before_the_transaction()
    {
        var inner = new Operation.Txn(
            [new Compare(KeyRange.Single(B("a")), CompareTarget.Version, CompareOperator.Equal, 0, default)], [Put("b", "then")], [Put("b", "else")]);

        Apply(new Operation.Txn([], [Put("a", "1"), inner], []));

        Assert.Equal("then", Bytes.Name(_model.Find("b", 2)!.Value.Value));
    }

    [Fact]
    public void A_read_after_a_put_in_one_transaction_sees_it()
    {
        var get = new Operation.Get(new RangeRequest(KeyRange.Single(B("a"))));

        var result = (OperationResult.Txn)Apply(new Operation.Txn([], [get, Put("a", "1"), get], []));

        Assert.Equal((1, 0), (result.Results[0].Revision, ((OperationResult.Get)result.Results[0]).Result.Items.Count));
        Assert.Equal((2, 1), (result.Results[2].Revision, ((OperationResult.Get)result.Results[2]).Result.Items.Count));
    }

    [Fact]
    public void A_compare_of_a_range_must_hold_for_every_key()
    {
        Apply(Put("a1", "x"));
        Apply(Put("a2", "y"));
        var all = new Compare(KeyRange.Prefix(B("a")), CompareTarget.Version, CompareOperator.Equal, 1, default);

        Assert.True(((OperationResult.Txn)Apply(new Operation.Txn([all], [], []))).Succeeded);
        Apply(Put("a2", "z"));
        Assert.False(((OperationResult.Txn)Apply(new Operation.Txn([all], [], []))).Succeeded);
    }

    [Fact]
    public void Compaction_refuses_the_past_and_the_future_and_keeps_its_own_revision_readable()
    {
        Apply(Put("a", "1"));
        Apply(Put("a", "2"));

        Assert.Equal(RejectionCode.RevisionInFuture, Code(new Command.Compact(4)));
        Assert.Equal(RejectionCode.None, Code(new Command.Compact(3)));
        Assert.Equal(RejectionCode.None, Code(new Command.Compact(2)));
        Assert.Equal(3, _model.CompactedRevision);
        Assert.IsType<OperationResult.Get>(Read(3));
        Assert.IsType<OperationResult.Rejected>(Read(2));
        Assert.Equal(3, _model.Revision);
    }

    [Fact]
    public void A_range_filters_then_sorts_then_cuts_and_counts_everything()
    {
        Apply(Put("a", "3"));
        Apply(Put("b", "2"));
        Apply(Put("c", "1"));
        var request = new RangeRequest(KeyRange.All)
        {
            SortTarget = SortTarget.Value,
            SortOrder = SortOrder.Ascending,
            Limit = 1,
            MinModRevision = 3,
            WantCount = true,
            KeysOnly = true,
        };

        var result = ((OperationResult.Get)_model.Read(request, 4, 0)).Result;

        Assert.Equal("c", Bytes.Name(Assert.Single(result.Items).Key));
        Assert.Equal((3, true, 0), (result.Count, result.More, result.Items[0].Value.Length));
    }

    [Fact]
    public void A_plain_put_takes_a_key_off_its_lease_and_revoking_deletes_the_rest_in_one_revision()
    {
        Run(new Command.LeaseGrant(new LeaseId(5), 10));
        Apply(Put("c", "1") with { Lease = new LeaseId(5) });
        Apply(Put("b", "1") with { Lease = new LeaseId(5) });
        Apply(Put("a", "1") with { Lease = new LeaseId(5) });
        Apply(Put("b", "2"));

        var result = Assert.IsType<OperationResult.LeaseRevoked>(Run(new Command.LeaseRevoke(new LeaseId(5))));

        Assert.Equal((6, 2), (result.Revision, result.DeletedKeys));
        Assert.Equal(["a", "c"], _model.ChangesBetween(6, 6).Select(change => change.Name));
        Assert.All(_model.ChangesBetween(6, 6), change => Assert.Equal(DeleteCause.Revoke, change.Cause));
        Assert.Equal(RejectionCode.LeaseNotFound, Code(new Command.LeaseRevoke(new LeaseId(5))));
    }

    [Fact]
    public void An_expiry_counts_only_when_the_deadline_has_passed_in_cluster_time()
    {
        Run(new Command.LeaseGrant(new LeaseId(5), 10), clusterMs: 1000);
        Apply(Put("a", "1") with { Lease = new LeaseId(5) });
        Run(new Command.LeaseRenew([new LeaseId(5), new LeaseId(6)]), clusterMs: 5000);

        Run(new Command.LeaseExpire(new LeaseId(5)), clusterMs: 14_999);
        Assert.NotNull(_model.Find("a", _model.Revision));
        Run(new Command.LeaseExpire(new LeaseId(5)), clusterMs: 15_000);
        Assert.Null(_model.Find("a", _model.Revision));
        Assert.Empty(_model.Leases);
    }

    [Fact]
    public void A_lease_of_the_keys_own_goes_with_the_key()
    {
        Apply(Put("a", "1") with { OwnTtlSeconds = 5 });
        var lease = Assert.Single(_model.Leases);
        Assert.Equal(lease, _model.Find("a", 2)!.Value.Lease);

        Apply(Put("a", "2"));

        Assert.Empty(_model.Leases);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Keeping_the_lease_of_a_missing_key_is_refused_unless_lenient(bool lenient, bool isApplied)
    {
        var result = Apply(Put("a", "1") with { KeepLease = true, LenientKeep = lenient });

        Assert.Equal(isApplied, result is OperationResult.Put);
    }

    [Fact]
    public void An_idempotency_key_gives_the_first_answer_again_and_refuses_another_request()
    {
        var context = new ModelContext { IdempotencyKey = "k", RequestHash = 1 };
        var command = Write(Put("a", "1"));

        var first = _model.Apply(command, context);
        var second = _model.Apply(command, context);
        var other = _model.Apply(command, context with { RequestHash = 2 });

        Assert.Equal(first.Result, second.Result);
        Assert.True(second.Replayed);
        Assert.Equal(RejectionCode.IdempotencyMismatch, other.Reasons.Single().Code);
        Assert.Equal(2, _model.Revision);
    }

    [Fact]
    public void A_settled_key_is_refused_later()
    {
        Run(new Command.SettleOutcome("k"));

        var late = _model.Apply(Write(Put("a", "1")), new ModelContext { IdempotencyKey = "k" });

        Assert.Equal(RejectionCode.IdempotencyCancelled, late.Reasons.Single().Code);
    }

    [Fact]
    public void A_key_written_twice_in_one_branch_is_refused()
    {
        Operation[] twice = [Put("a", "1"), Put("a", "2")];
        Operation[] underDelete = [Put("a", "1"), new Operation.Delete(KeyRange.Prefix(B("a")))];
        Operation[] nested = [Put("a", "1"), new Operation.Txn([], [], [Put("a", "2")])];

        Assert.All(new[] { twice, underDelete, nested }, branch =>
            Assert.IsType<OperationResult.Rejected>(Apply(new Operation.Txn([], [], [.. branch]))));
        Assert.IsType<OperationResult.Txn>(Apply(new Operation.Txn([], [new Operation.Txn([], [Put("a", "1")], [Put("a", "2")])], [])));
    }

    private OperationResult Apply(Operation operation) => Run(Write(operation));

    private OperationResult Run(Command command, long clusterMs = 0) =>
        _model.Apply(command, new ModelContext { ClusterMs = clusterMs }).Result;

    private RejectionCode Code(Command command) => Run(command) is OperationResult.Rejected rejected ? rejected.Rejection.Code : RejectionCode.None;

    private OperationResult Read(long revision) =>
        _model.Read(new RangeRequest(KeyRange.Single(B("a"))) { Revision = revision }, _model.Revision, _model.CompactedRevision);

    private bool Succeeds(CompareTarget target, CompareOperator op, long number, string value) =>
        ((OperationResult.Txn)Apply(new Operation.Txn([new Compare(KeyRange.Single(B("a")), target, op, number, B(value))], [], []))).Succeeded;
}
