using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Core.Tests.Auth;

/// <summary>What an entry needs to be applied, and what a refused one changes: nothing.</summary>
public sealed class EnforcementTests
{
    [Fact]
    public void A_put_writes_and_with_its_previous_value_reads()
    {
        var rig = AuthRig.Enabled(("ann", "rw:a w:x r:y"));

        Assert.Equal(RejectionCode.None, rig.CodeOf(AuthRig.Put("a", previous: true), "ann"));
        Assert.Equal(RejectionCode.None, rig.CodeOf(AuthRig.Put("x"), "ann"));
        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(AuthRig.Put("x", previous: true), "ann"));
        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(AuthRig.Put("y"), "ann"));
        Assert.Equal(RejectionCode.AuthRequired, rig.CodeOf(AuthRig.Put("a")));
        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(AuthRig.Put("a"), "nobody"));
        Assert.Equal(3, rig.Machine.Store.Revision);
    }

    [Fact]
    public void A_range_must_be_allowed_as_a_whole()
    {
        var rig = AuthRig.Enabled(("ann", "r:a-c r:c-e w:a-z"));

        Assert.Equal(RejectionCode.None, rig.CodeOf(AuthRig.Get(Between("a", "e")), "ann"));
        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(AuthRig.Get(Between("a", "f")), "ann"));
        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(AuthRig.Get(KeyRange.From(AuthRig.Bytes("a"))), "ann"));
        Assert.Equal(RejectionCode.None, rig.CodeOf(new Command.Write(new Operation.Delete(Between("a", "z"))), "ann"));
        Assert.Equal(
            RejectionCode.PermissionDenied, rig.CodeOf(new Command.Write(new Operation.Delete(Between("a", "z"), true)), "ann"));
    }

    [Fact]
    public void No_part_of_a_transaction_is_a_way_around()
    {
        var rig = AuthRig.Enabled(("ann", "rw:a"));
        var own = new Operation.Put(AuthRig.Bytes("a"), default);
        var foreign = new Operation.Put(AuthRig.Bytes("z"), default);
        var compare = new Compare(KeyRange.Single(AuthRig.Bytes("z")), CompareTarget.Version, CompareOperator.Equal, 0, default);

        Assert.Equal(RejectionCode.None, Of([], [own], [own]));
        Assert.Equal(RejectionCode.PermissionDenied, Of([compare], [own], []));
        Assert.Equal(RejectionCode.PermissionDenied, Of([], [own], [foreign]));
        Assert.Equal(RejectionCode.PermissionDenied, Of([], [new Operation.Txn([], [], [foreign])], []));
        Assert.Equal(RejectionCode.PermissionDenied, Of([], [], [new Operation.Txn([], [new Operation.Txn([compare], [], [])], [])]));
        Assert.Equal(2, rig.Machine.Store.Revision);

        RejectionCode Of(Compare[] compares, Operation[] then, Operation[] otherwise) =>
            rig.CodeOf(new Command.Write(new Operation.Txn([.. compares], [.. then], [.. otherwise])), "ann");
    }

    [Fact]
    public void Whoever_decides_over_a_lease_decides_over_its_keys()
    {
        var rig = AuthRig.Enabled(("ann", "rw:a*"), ("bob", "rw:b*"));
        var lease = new LeaseId(5);
        Assert.Equal(RejectionCode.None, rig.CodeOf(new Command.LeaseGrant(lease, 1000), "bob"));
        Assert.Equal(RejectionCode.None, rig.CodeOf(AuthRig.Put("a1", lease), "ann"));

        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(AuthRig.Put("b1", lease), "bob"));
        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(new Command.LeaseRevoke(lease), "bob"));
        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(new Command.LeaseRenew([lease]), "bob"));
        Assert.Equal(RejectionCode.AuthRequired, rig.CodeOf(new Command.LeaseRevoke(lease)));
        Assert.Equal(RejectionCode.None, rig.CodeOf(AuthRig.Put("a2", lease), "ann"));
        Assert.Equal(RejectionCode.None, rig.CodeOf(new Command.LeaseRenew([lease]), "ann"));
        Assert.Equal(RejectionCode.None, rig.CodeOf(new Command.LeaseRevoke(lease), "ann"));
    }

    [Fact]
    public void Keep_alives_in_one_entry_are_judged_one_by_one()
    {
        var rig = AuthRig.Enabled(("ann", "rw:a*"), ("bob", "rw:b*"));
        rig.Apply(new Command.LeaseGrant(new LeaseId(5), 10), "bob");
        rig.Apply(new Command.LeaseGrant(new LeaseId(6), 10), "bob");
        rig.Apply(AuthRig.Put("a1", new LeaseId(5)), "ann");

        var result = rig.Apply(
            new Command.LeaseRenewFor(
            [
                new RenewalPart("ann", Credential.OfUser(0), [new LeaseId(5)]),
                new RenewalPart("bob", Credential.OfUser(0), [new LeaseId(6), new LeaseId(5)]),
                new RenewalPart("", default, [new LeaseId(6)]),
                new RenewalPart("bob", Credential.OfUser(0), [new LeaseId(6)]),
            ]),
            sequence: -1);

        var seconds = Assert.IsType<OperationResult.LeaseRenewed>(result).TtlSeconds;
        Assert.Equal(
            [10, -(long)RejectionCode.PermissionDenied, -(long)RejectionCode.PermissionDenied, -(long)RejectionCode.AuthRequired, 10],
            seconds);
    }

    [Fact]
    public void A_retry_by_who_has_lost_the_right_learns_that_it_happened_and_nothing_else()
    {
        var rig = AuthRig.Enabled(("ann", "rw:a*"));
        rig.Apply(AuthRig.Put("a1"), "ann");
        var put = AuthRig.Put("a1", previous: true);
        var first = Assert.IsType<OperationResult.Put>(rig.Apply(put, "ann", key: "once", hash: 7));
        Assert.NotNull(first.Previous);

        rig.Change(new Command.UserSetRoles("ann", []));

        var again = rig.Apply(put, "ann", key: "once", hash: 7);
        Assert.Equal(first.Revision, Assert.IsType<OperationResult.Kept>(again).Revision);
    }

    [Fact]
    public void A_token_of_a_role_that_allows_nothing_makes_none_that_allows_more()
    {
        var rig = AuthRig.Enabled(("ann", "rw:a*"));
        rig.Change(new Command.RoleSet("empty", []));
        rig.Change(new Command.UserSetRoles("ann", ["empty"]));
        var made = rig.Change(new Command.TokenAdd("narrow", "ann", AuthRig.DigestOf(1), ["empty"], [], 0));

        var more = new Command.TokenAdd("wide", "ann", AuthRig.DigestOf(2), [], [], 0);

        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(more, "ann", Credential.OfToken(made.Number)));
    }

    [Fact]
    public void A_range_that_ends_before_the_first_key_is_no_permission()
    {
        Assert.False(Permission.Of(KeyRange.Between(Array.Empty<byte>(), new byte[] { 0 }), Access.ReadWrite).IsValid);
    }

    [Fact]
    public void The_cluster_is_run_by_root_and_by_admins_and_users_only_by_root()
    {
        var rig = AuthRig.Enabled(("ops", "admin:*"), ("ann", "rw:* admin:a*"));
        Command[] commands =
        [
            new Command.Compact(1),
            new Command.SetRetention(new Retention(10, 1000)),
            new Command.MemberUpdate(new NodeId(9), []),
        ];
        foreach (var command in commands)
        {
            Assert.Equal(RejectionCode.AuthRequired, rig.CodeOf(command));
            Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(command, "ann"));
            Assert.NotEqual(RejectionCode.PermissionDenied, rig.CodeOf(command, "ops"));
            Assert.NotEqual(RejectionCode.PermissionDenied, rig.CodeOf(command, "root"));
            Assert.NotEqual(RejectionCode.AuthRequired, rig.CodeOf(command, credential: Credential.Member));
        }

        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(new Command.RoleAdd("r"), "ops"));
        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(new Command.AuthDisable(), "ann"));
        Assert.Equal(RejectionCode.None, rig.CodeOf(new Command.RoleAdd("r"), "root"));
    }

    [Fact]
    public void What_members_do_by_themselves_needs_nobody()
    {
        var rig = AuthRig.Enabled();

        Assert.Equal(RejectionCode.None, rig.CodeOf(new Command.Tick()));
        Assert.Equal(RejectionCode.None, rig.CodeOf(new Command.LeaseExpire(new LeaseId(1))));
        Assert.Equal(RejectionCode.None, rig.CodeOf(new Command.StateMark()));
        Assert.IsType<OperationResult.Compacted>(rig.Apply(new Command.Compact(1), sequence: -3));
        var late = rig.Apply(new Command.LeaseRenew([new LeaseId(1)]), sequence: -4);
        Assert.Equal(RejectionCode.AuthRequired, Assert.IsType<OperationResult.Rejected>(late).Rejection.Code);
    }

    [Fact]
    public void A_token_is_as_narrow_as_it_was_made()
    {
        var rig = AuthRig.Enabled(("ann", "rw:a* rw:b*"), ("wide", "rw:*"));
        rig.Change(new Command.UserGrantRole("ann", "wide"));
        var scoped = rig.Change(Token("ann", 1, [], "r:a* w:ab")).Number;
        var byRole = rig.Change(Token("ann", 2, ["ann"])).Number;
        var ofRoot = rig.Change(Token("root", 3, [], "rw:q*")).Number;
        var whole = rig.Change(Token("ann", 4, [])).Number;

        Assert.Equal(RejectionCode.None, rig.CodeOf(AuthRig.Put("ab"), "ann", Credential.OfToken(scoped)));
        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(AuthRig.Put("ac"), "ann", Credential.OfToken(scoped)));
        Assert.Equal(RejectionCode.None, rig.CodeOf(AuthRig.Put("bc"), "ann", Credential.OfToken(byRole)));
        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(AuthRig.Put("c"), "ann", Credential.OfToken(byRole)));
        Assert.Equal(RejectionCode.None, rig.CodeOf(AuthRig.Put("c"), "ann", Credential.OfToken(whole)));
        Assert.Equal(RejectionCode.None, rig.CodeOf(AuthRig.Put("q1"), "root", Credential.OfToken(ofRoot)));
        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(AuthRig.Put("r1"), "root", Credential.OfToken(ofRoot)));
        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(new Command.RoleAdd("r"), "root", Credential.OfToken(ofRoot)));
        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(Token("ann", 5, []), "ann", Credential.OfToken(scoped)));
        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(Token("ann", 5, []), "ann", Credential.OfToken(byRole)));
        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(Token("root", 5, []), "ann", Credential.OfToken(whole)));
        Assert.Equal(RejectionCode.None, rig.CodeOf(Token("ann", 5, []), "ann", Credential.OfToken(whole)));
        Assert.Equal(RejectionCode.InvalidAuthToken, rig.CodeOf(AuthRig.Put("ab"), "wide", Credential.OfToken(scoped)));
        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(new Command.TokenRemove(ofRoot), "ann"));
    }

    [Fact]
    public void A_token_follows_its_user_and_ends_in_time()
    {
        var rig = AuthRig.Enabled(("ann", "rw:a*"));
        var id = rig.Change(Token("ann", 1, []) with { TtlMs = 60_000 }).Number;
        var credential = Credential.OfToken(id);
        Assert.Equal(RejectionCode.None, rig.CodeOf(AuthRig.Put("a"), "ann", credential));
        rig.Apply(new Command.AuthTouch([], [id]));
        Assert.Equal(6_000, rig.Auth.Tokens[id].LastUsedMs);

        rig.Change(new Command.RoleSet("ann", AuthRig.PermissionsOf("r:a*")));
        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(AuthRig.Put("a"), "ann", credential));

        rig.ClusterTimeMs += 60_000;
        Assert.Equal(RejectionCode.InvalidAuthToken, rig.CodeOf(AuthRig.Get(Between("a", "b")), "ann", credential));
        rig.Change(new Command.UserDelete("ann"));
        Assert.Empty(rig.Auth.Tokens);
        Assert.Null(rig.Auth.FindToken(AuthRig.DigestOf(1)));
    }

    [Fact]
    public void A_retry_gets_its_first_answer_and_a_refusal_is_not_kept()
    {
        var rig = AuthRig.Enabled(("ann", "w:a"));
        Assert.IsType<OperationResult.Rejected>(rig.Apply(AuthRig.Put("b"), "ann", key: "one", hash: 1));
        Assert.IsType<OperationResult.Put>(rig.Apply(AuthRig.Put("a"), "ann", key: "two", hash: 2));

        rig.Change(new Command.RoleSet("ann", AuthRig.PermissionsOf("w:b")));

        Assert.IsType<OperationResult.Put>(rig.Apply(AuthRig.Put("b"), "ann", key: "one", hash: 1));
        Assert.IsType<OperationResult.Kept>(rig.Apply(AuthRig.Put("a"), "ann", key: "two", hash: 2));
        Assert.IsType<OperationResult.Rejected>(rig.Apply(AuthRig.Put("a"), "ann", key: "three", hash: 3));
        Assert.IsType<OperationResult.Rejected>(rig.Apply(AuthRig.Put("a"), "bob", key: "two", hash: 2));
    }

    private static Command.TokenAdd Token(string user, byte number, string[] roles, string scopes = "") =>
        new("ci", user, AuthRig.DigestOf(number), [.. roles], scopes.Length == 0 ? [] : AuthRig.PermissionsOf(scopes), 0);

    private static KeyRange Between(string start, string end) => KeyRange.Between(AuthRig.Bytes(start), AuthRig.Bytes(end));
}
