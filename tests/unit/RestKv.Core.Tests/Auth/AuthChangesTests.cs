using RestKv.Core.Auth;
using RestKv.Core.Commands;

namespace RestKv.Core.Tests.Auth;

public sealed class AuthChangesTests
{
    private static readonly byte[] Hash = [9];

    [Fact]
    public void Turning_it_on_needs_root_with_the_role_root()
    {
        var rig = new AuthRig();

        Assert.Equal(RejectionCode.RootUserMissing, rig.CodeOf(new Command.AuthEnable()));
        rig.Change(new Command.UserAdd("root", Hash, false, []));
        Assert.Equal(RejectionCode.RootRoleMissing, rig.CodeOf(new Command.AuthEnable()));
        rig.Change(new Command.UserGrantRole("root", "root"));
        Assert.Equal(RejectionCode.None, rig.CodeOf(new Command.AuthEnable()));

        Assert.True(rig.Auth.IsEnabled);
        Assert.Equal(RejectionCode.AuthRequired, rig.CodeOf(new Command.AuthEnable()));
        Assert.Equal(RejectionCode.None, rig.CodeOf(new Command.AuthEnable(), "root"));
    }

    [Fact]
    public void The_auth_revision_counts_changes_and_nothing_else()
    {
        var rig = new AuthRig();
        Assert.Equal(1, rig.Auth.Revision);

        Assert.Equal(2, rig.Change(new Command.UserAdd("root", Hash, false, [])).AuthRevision);
        Assert.Equal(3, rig.Change(new Command.UserGrantRole("root", "root")).AuthRevision);
        Assert.Equal(3, rig.Change(new Command.UserGrantRole("root", "root")).AuthRevision);
        Assert.Equal(4, rig.Change(new Command.RoleAdd("r")).AuthRevision);
        Assert.Equal(5, rig.Change(new Command.RoleGrantPermission("r", AuthRig.PermissionOf("r:a"))).AuthRevision);
        Assert.Equal(6, rig.Change(new Command.RoleGrantPermission("r", AuthRig.PermissionOf("r:a"))).AuthRevision);
        Assert.Equal(RejectionCode.RoleExists, rig.CodeOf(new Command.RoleAdd("r")));
        Assert.Equal(6, rig.Change(new Command.AuthEnable()).AuthRevision);
        Assert.Equal(7, rig.Change(new Command.AuthDisable()).AuthRevision);
        Assert.Equal(7, rig.Change(new Command.AuthDisable()).AuthRevision);
        Assert.Equal(1, rig.Machine.Store.Revision);
    }

    [Fact]
    public void Faults_have_names()
    {
        var rig = AuthRig.WithRoot();
        rig.Change(new Command.UserAdd("u", Hash, false, []));
        rig.Change(new Command.RoleAdd("r"));

        Assert.Equal(RejectionCode.UserNameEmpty, rig.CodeOf(new Command.UserAdd("", Hash, false, [])));
        Assert.Equal(RejectionCode.UserExists, rig.CodeOf(new Command.UserAdd("u", Hash, false, [])));
        Assert.Equal(RejectionCode.RoleNotFound, rig.CodeOf(new Command.UserAdd("v", Hash, false, ["no"])));
        Assert.Equal(RejectionCode.UserNotFound, rig.CodeOf(new Command.UserDelete("no")));
        Assert.Equal(RejectionCode.UserNotFound, rig.CodeOf(new Command.UserSetPassword("no", Hash)));
        Assert.Equal(RejectionCode.UserNotFound, rig.CodeOf(new Command.UserGrantRole("no", "no")));
        Assert.Equal(RejectionCode.RoleNotFound, rig.CodeOf(new Command.UserGrantRole("u", "no")));
        Assert.Equal(RejectionCode.UserNotFound, rig.CodeOf(new Command.UserRevokeRole("no", "r")));
        Assert.Equal(RejectionCode.RoleNotGranted, rig.CodeOf(new Command.UserRevokeRole("u", "r")));
        Assert.Equal(RejectionCode.RoleNameEmpty, rig.CodeOf(new Command.RoleAdd("")));
        Assert.Equal(RejectionCode.RoleNotFound, rig.CodeOf(new Command.RoleDelete("no")));
        Assert.Equal(RejectionCode.RoleNotFound, rig.CodeOf(new Command.RoleGrantPermission("no", AuthRig.PermissionOf("r:a"))));
        Assert.Equal(RejectionCode.PermissionNotGiven, rig.CodeOf(new Command.RoleGrantPermission("no", default)));
        Assert.Equal(
            RejectionCode.InvalidAuthManagement,
            rig.CodeOf(new Command.RoleGrantPermission("no", new Permission(AuthRig.Bytes("b"), AuthRig.Bytes("a"), Access.Read))));
        Assert.Equal(
            RejectionCode.InvalidAuthManagement,
            rig.CodeOf(new Command.RoleGrantPermission("r", new Permission(default, AuthRig.Bytes("a"), Access.Read))));
        Assert.Equal(RejectionCode.RoleNotFound, rig.CodeOf(new Command.RoleRevokePermission("no", AuthRig.Bytes("a"), default)));
        Assert.Equal(RejectionCode.PermissionNotGranted, rig.CodeOf(new Command.RoleRevokePermission("r", AuthRig.Bytes("a"), default)));
        Assert.Equal(RejectionCode.TokenNotFound, rig.CodeOf(new Command.TokenRemove(77)));
    }

    [Fact]
    public void Root_cannot_be_locked_out_while_it_counts()
    {
        var rig = AuthRig.Enabled();

        Assert.Equal(RejectionCode.InvalidAuthManagement, rig.CodeOf(new Command.UserDelete("root"), "root"));
        Assert.Equal(RejectionCode.InvalidAuthManagement, rig.CodeOf(new Command.UserRevokeRole("root", "root"), "root"));
        Assert.Equal(RejectionCode.InvalidAuthManagement, rig.CodeOf(new Command.UserSetRoles("root", []), "root"));
        Assert.Equal(RejectionCode.InvalidAuthManagement, rig.CodeOf(new Command.RoleDelete("root"), "root"));
        rig.Change(new Command.AuthDisable());
        Assert.Equal(RejectionCode.None, rig.CodeOf(new Command.UserDelete("root")));
    }

    [Fact]
    public void Permissions_stand_in_the_order_of_their_keys_and_one_range_has_one()
    {
        var rig = new AuthRig();
        rig.Change(new Command.RoleAdd("r"));
        foreach (var text in new[] { "r:c", "w:a-b", "r:a", "rw:c", "r:b-d" })
        {
            rig.Change(new Command.RoleGrantPermission("r", AuthRig.PermissionOf(text)));
        }

        var texts = rig.Auth.FindRole("r")!.Permissions.Select(permission => permission.Access + ":" + KeyOf(permission));
        Assert.Equal(["Write:a", "Read:a", "Read:b", "ReadWrite:c"], texts);
        rig.Change(new Command.RoleRevokePermission("r", AuthRig.Bytes("a"), AuthRig.Bytes("b")));
        Assert.Equal(3, rig.Auth.FindRole("r")!.Permissions.Length);
    }

    [Fact]
    public void A_role_that_goes_is_taken_from_its_holders()
    {
        var rig = AuthRig.Enabled(("ann", "rw:a*"), ("bob", "r:b"));
        rig.Change(new Command.UserGrantRole("bob", "ann"));
        Assert.Equal(RejectionCode.None, rig.CodeOf(AuthRig.Put("a1"), "bob"));

        rig.Change(new Command.RoleDelete("ann"));

        Assert.Equal(["bob"], rig.Auth.FindUser("bob")!.Roles);
        Assert.Empty(rig.Auth.FindUser("ann")!.Roles);
        Assert.Equal(RejectionCode.PermissionDenied, rig.CodeOf(AuthRig.Put("a1"), "bob"));
    }

    [Fact]
    public void A_new_password_or_another_user_of_the_name_ends_what_the_old_one_opened()
    {
        var rig = AuthRig.Enabled(("ann", "rw:a*"));
        var epoch = Login(rig, 1);
        Assert.Equal(RejectionCode.None, rig.CodeOf(AuthRig.Put("a1"), "ann", Credential.OfUser(epoch)));

        rig.Change(new Command.UserSetPassword("ann", Hash));
        Assert.Null(rig.Auth.Sessions.Find(AuthRig.DigestOf(1)));
        Assert.Equal(RejectionCode.InvalidAuthToken, rig.CodeOf(AuthRig.Put("a1"), "ann", Credential.OfUser(epoch)));

        epoch = Login(rig, 2);
        rig.Change(new Command.UserDelete("ann"));
        rig.Change(new Command.UserAdd("ann", Hash, false, ["ann"]));
        Assert.Equal(0, rig.Auth.Sessions.Count);
        Assert.Equal(RejectionCode.InvalidAuthToken, rig.CodeOf(AuthRig.Put("a1"), "ann", Credential.OfUser(epoch)));
    }

    [Fact]
    public void A_password_that_was_changed_since_it_was_checked_opens_nothing()
    {
        var rig = AuthRig.Enabled(("ann", "rw:a*"));
        var epoch = rig.Auth.FindUser("ann")!.Epoch;
        rig.Change(new Command.UserSetPassword("ann", Hash));

        Assert.Equal(RejectionCode.AuthenticationFailed, rig.CodeOf(Open("ann", epoch, 1)));
        rig.Change(new Command.AuthDisable());
        Assert.Equal(RejectionCode.AuthNotEnabled, rig.CodeOf(Open("ann", epoch, 1)));
    }

    [Fact]
    public void Turning_it_off_ends_all_sessions()
    {
        var rig = AuthRig.Enabled(("ann", "rw:a*"));
        Login(rig, 1);

        rig.Change(new Command.AuthDisable());

        Assert.Equal(0, rig.Auth.Sessions.Count);
        Assert.Equal(RejectionCode.None, rig.CodeOf(AuthRig.Put("anything")));
    }

    [Fact]
    public void A_session_slides_while_it_is_used_and_ends_by_itself()
    {
        var rig = AuthRig.Enabled(("ann", "rw:a*"));
        Login(rig, 1);
        Assert.Equal(301_000, rig.Auth.Sessions.Find(AuthRig.DigestOf(1))!.DeadlineMs);

        rig.ClusterTimeMs += 200_000;
        rig.Apply(new Command.AuthTouch([AuthRig.DigestOf(1), AuthRig.DigestOf(99)], [55]));
        Assert.Equal(501_000, rig.Auth.Sessions.Find(AuthRig.DigestOf(1))!.DeadlineMs);

        rig.ClusterTimeMs += 300_000;
        rig.Apply(new Command.AuthTouch([AuthRig.DigestOf(1)], []));
        Assert.Equal(501_000, rig.Auth.Sessions.Find(AuthRig.DigestOf(1))!.DeadlineMs);
        Login(rig, 2);
        Assert.Null(rig.Auth.Sessions.Find(AuthRig.DigestOf(1)));
    }

    [Fact]
    public void Whose_a_login_was_is_remembered_for_a_while()
    {
        var rig = AuthRig.Enabled(("ann", "rw:a*"));
        Login(rig, 1);
        rig.Change(Open("ann", rig.Auth.FindUser("ann")!.Epoch, 2) with { Kind = SessionKind.Browser });
        rig.Change(new Command.UserSetPassword("ann", Hash));
        Assert.Equal("ann", FormerOf(1, afterMs: SessionTable.RemembranceMs - 1));
        Assert.Null(FormerOf(1, afterMs: SessionTable.RemembranceMs));
        Assert.Null(FormerOf(2));

        // By time, first unnoticed and then because another login has looked.
        Login(rig, 3);
        rig.ClusterTimeMs += 400_000;
        Assert.Equal("ann", FormerOf(3));
        Login(rig, 4);
        Assert.Null(rig.Auth.Sessions.Find(AuthRig.DigestOf(3)));
        Assert.Equal("ann", FormerOf(3, afterMs: SessionTable.RemembranceMs - 100_001));
        Assert.Null(FormerOf(3, afterMs: SessionTable.RemembranceMs - 100_000));
        Assert.Null(FormerOf(9));

        string? FormerOf(byte number, long afterMs = 0) => rig.Auth.FindFormer(AuthRig.DigestOf(number), rig.ClusterTimeMs + afterMs)?.Name;
    }

    [Fact]
    public void Nobody_inherits_what_another_user_of_the_name_had_opened()
    {
        var rig = AuthRig.Enabled(("ann", "rw:a*"));
        Login(rig, 1);
        rig.Change(new Command.UserSetPassword("ann", Hash));
        Login(rig, 2);
        rig.Change(new Command.UserDelete("ann"));
        rig.Change(new Command.UserAdd("ann", Hash, false, ["ann"]));
        Assert.Null(rig.Auth.FindFormer(AuthRig.DigestOf(1), rig.ClusterTimeMs));
        Assert.Null(rig.Auth.FindFormer(AuthRig.DigestOf(2), rig.ClusterTimeMs));

        Login(rig, 3);
        rig.Change(new Command.UserSetPassword("ann", Hash));
        rig.Change(new Command.AuthDisable());
        Assert.Null(rig.Auth.FindFormer(AuthRig.DigestOf(3), rig.ClusterTimeMs));
    }

    [Fact]
    public void A_ticket_lets_in_once()
    {
        var rig = AuthRig.Enabled(("ann", "rw:a*"));
        rig.Change(Open("ann", rig.Auth.FindUser("ann")!.Epoch, 1) with { Kind = SessionKind.Ticket });

        Assert.Equal(0, rig.Change(new Command.SessionClose(AuthRig.DigestOf(1), SessionKind.Login)).Number);
        Assert.Equal(1, rig.Change(new Command.SessionClose(AuthRig.DigestOf(1), SessionKind.Ticket)).Number);
        Assert.Equal(0, rig.Change(new Command.SessionClose(AuthRig.DigestOf(1), SessionKind.Ticket)).Number);
    }

    [Fact]
    public void A_user_that_logs_in_without_end_loses_its_own_oldest_session()
    {
        var rig = AuthRig.Enabled(("ann", "rw:a*"), ("bob", "r:b"));
        rig.Change(Open("bob", rig.Auth.FindUser("bob")!.Epoch, 250));
        var open = Open("ann", rig.Auth.FindUser("ann")!.Epoch, 0);
        for (var i = 0; i <= SessionTable.SessionsPerUserMax; i++)
        {
            rig.ClusterTimeMs++;
            rig.Apply(open with { Digest = new TokenDigest(7, (ulong)i, 0, 0) });
        }

        Assert.Equal(SessionTable.SessionsPerUserMax + 1, rig.Auth.Sessions.Count);
        Assert.Null(rig.Auth.Sessions.Find(new TokenDigest(7, 0, 0, 0)));
        Assert.NotNull(rig.Auth.Sessions.Find(new TokenDigest(7, 1, 0, 0)));
        Assert.NotNull(rig.Auth.Sessions.Find(AuthRig.DigestOf(250)));
    }

    private static long Login(AuthRig rig, byte number)
    {
        var epoch = rig.Auth.FindUser("ann")!.Epoch;
        rig.Change(Open("ann", epoch, number));
        return epoch;
    }

    private static Command.SessionOpen Open(string user, long epoch, byte number) =>
        new(user, epoch, AuthRig.DigestOf(number), SessionKind.Login, Slides: true, 300_000, []);

    private static string KeyOf(Permission permission) => System.Text.Encoding.UTF8.GetString(permission.Key.Span);
}
