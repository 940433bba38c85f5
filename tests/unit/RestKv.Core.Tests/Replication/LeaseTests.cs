using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Core.Replication;

namespace RestKv.Core.Tests.Replication;

public sealed class LeaseTests
{
    [Fact]
    public void Expiry_deletes_all_keys_of_a_lease_in_one_revision_and_never_early()
    {
        var node = new LoneReplica();
        node.Elect();
        var lease = Grant(node, 10);
        node.Put("b", "1", put => put with { Lease = lease });
        node.Put("a", "1", put => put with { Lease = lease });
        var before = node.View.Revision;

        node.Pass(9_900);
        Assert.Equal("1", node.Get("a"));
        node.Pass(1_200);

        Assert.Null(node.Get("a"));
        Assert.Equal(before + 1, node.View.Revision);
        var changes = node.View.Changes(before + 1);
        Assert.True(changes.MoveNext());
        Assert.Equal(("a", DeleteCause.Expire), (Text(changes.Current.KeyValue.Key), changes.Current.Cause));
        Assert.True(changes.MoveNext());
        Assert.Equal("b", Text(changes.Current.KeyValue.Key));
        Assert.False(changes.MoveNext());
    }

    [Fact]
    public void A_renewal_starts_the_time_anew_and_unknown_leases_answer_zero()
    {
        var node = new LoneReplica();
        node.Elect();
        var lease = Grant(node, 5);
        node.Put("k", "v", put => put with { Lease = lease });
        for (var i = 0; i < 10; i++)
        {
            node.Pass(3_000);
            var token = new object();
            node.Handle(ReplicaEvent.Renew(token, [new LeaseId(1), lease]));
            var renewed = Assert.IsType<OperationResult.LeaseRenewed>(node.Completions[token].Result);
            Assert.Equal([0L, 5L], renewed.TtlSeconds);
        }

        Assert.Equal("v", node.Get("k"));
        node.Pass(6_000);
        Assert.Null(node.Get("k"));
    }

    [Fact]
    public void Remaining_time_survives_a_restart_without_a_full_reset()
    {
        var node = new LoneReplica();
        node.Elect();
        var lease = Grant(node, 60);
        node.Put("k", "v", put => put with { Lease = lease });
        node.Pass(50_000);

        node.Crash();
        node.Elect();
        node.Pass(9_000);
        Assert.Equal("v", node.Get("k"));
        node.Pass(3_000);

        Assert.Null(node.Get("k"));
    }

    [Fact]
    public void A_jump_of_the_wall_clock_changes_nothing()
    {
        var node = new LoneReplica();
        node.Elect();
        var lease = Grant(node, 10);
        node.Put("k", "v", put => put with { Lease = lease });

        node.WallMs += 3_600_000;
        node.Pass(5_000);
        Assert.Equal("v", node.Get("k"));
        node.WallMs -= 7_200_000;
        node.Put("later", "x");

        Assert.True(node.View.TryGet("k"u8, out var first));
        Assert.True(node.View.TryGet("later"u8, out var later));
        Assert.True(later.ModifiedAtMs >= first.ModifiedAtMs);
    }

    [Fact]
    public void A_plain_put_detaches_and_keepLease_does_not()
    {
        var node = new LoneReplica();
        node.Elect();
        var lease = Grant(node, 5);
        node.Put("plain", "1", put => put with { Lease = lease });
        node.Put("kept", "1", put => put with { Lease = lease });
        node.Put("plain", "2");
        node.Put("kept", "2", put => put with { KeepLease = true, LenientKeep = true });

        node.Pass(7_000);

        Assert.Equal("2", node.Get("plain"));
        Assert.Null(node.Get("kept"));
    }

    [Fact]
    public void A_lease_made_by_ttl_goes_away_with_its_key()
    {
        var node = new LoneReplica();
        node.Elect();
        for (var i = 0; i < 50; i++)
        {
            node.Put("session", $"{i}", put => put with { OwnTtlSeconds = 30 });
        }

        Assert.Equal(1, node.Machine.Leases.Count);
        node.Run(new Command.Write(new Operation.Delete(KeyRange.Single("session"u8.ToArray()))));
        Assert.Equal(0, node.Machine.Leases.Count);
    }

    /// <summary>Found by simulator seeds 126 and 135: a put named a lease that a delete before it in the same request ended.</summary>
    [Fact]
    public void A_lease_made_by_ttl_moves_to_the_key_that_names_it_in_the_same_request()
    {
        var node = new LoneReplica();
        node.Elect();
        var lease = Assert.IsType<OperationResult.Put>(node.Put("a", "1", put => put with { OwnTtlSeconds = 5 })).Lease;

        Operation[] steps =
        [
            new Operation.Delete(KeyRange.Single("a"u8.ToArray())),
            new Operation.Put("b"u8.ToArray(), "2"u8.ToArray()) { Lease = lease },
        ];
        var moved = node.Run(new Command.Write(new Operation.Txn([], [.. steps], [])));

        Assert.IsType<OperationResult.Txn>(moved);
        Assert.Null(node.Get("a"));
        Assert.Equal("2", node.Get("b"));
        node.Pass(6_500);
        Assert.Null(node.Get("b"));
        Assert.IsType<OperationResult.Rejected>(node.Put("c", "3", put => put with { Lease = lease }));
    }

    [Fact]
    public void Revoke_deletes_the_keys_and_a_chosen_id_can_be_taken_once()
    {
        var node = new LoneReplica();
        node.Elect();
        var id = new LeaseId(-77);
        Assert.IsType<OperationResult.LeaseGranted>(node.Run(new Command.LeaseGrant(id, 100)));
        var again = Assert.IsType<OperationResult.Rejected>(node.Run(new Command.LeaseGrant(id, 100)));
        Assert.Equal(RejectionCode.LeaseExists, again.Rejection.Code);
        node.Put("k", "v", put => put with { Lease = id });

        var revoked = Assert.IsType<OperationResult.LeaseRevoked>(node.Run(new Command.LeaseRevoke(id)));

        Assert.Equal(1, revoked.DeletedKeys);
        Assert.Null(node.Get("k"));
        var unknown = Assert.IsType<OperationResult.Rejected>(node.Run(new Command.LeaseRevoke(id)));
        Assert.Equal(RejectionCode.LeaseNotFound, unknown.Rejection.Code);
    }

    private static LeaseId Grant(LoneReplica node, long ttlSeconds) =>
        Assert.IsType<OperationResult.LeaseGranted>(node.Run(new Command.LeaseGrant(LeaseId.None, ttlSeconds))).Id;

    private static string Text(ReadOnlyMemory<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes.Span);
}
