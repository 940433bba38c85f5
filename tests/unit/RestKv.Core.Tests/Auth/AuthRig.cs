using System.Collections.Immutable;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Core.Tests.Auth;

/// <summary>A machine without a replica around it: entries are applied one after the other, in somebody's name.</summary>
internal sealed class AuthRig
{
    private static readonly byte[] Hash = [1, 2, 3];
    private long _sequence;

    public KvStateMachine Machine { get; } = new(new MachineOptions());

    public AuthTable Auth => Machine.Auth;

    public long ClusterTimeMs { get; set; } = 1_000;

    /// <summary>With a user root that has the role root.</summary>
    public static AuthRig WithRoot()
    {
        var rig = new AuthRig();
        rig.Change(new Command.UserAdd("root", Hash, false, []));
        rig.Change(new Command.UserGrantRole("root", "root"));
        return rig;
    }

    /// <summary>Turned on, with users that have one role each, named like them.</summary>
    public static AuthRig Enabled(params (string Name, string Permissions)[] users)
    {
        var rig = WithRoot();
        foreach (var (name, permissions) in users)
        {
            rig.Change(new Command.RoleSet(name, [.. permissions.Split(' ').Select(PermissionOf)]));
            rig.Change(new Command.UserAdd(name, Hash, false, [name]));
        }

        rig.Change(new Command.AuthEnable());
        return rig;
    }

    public OperationResult Apply(
        Command command, string author = "", Credential credential = default, string key = "", ulong hash = 0, long? sequence = null)
    {
        // Whom a certificate names is known by the name alone.
        credential = credential == default && author.Length > 0 ? Credential.OfUser(0) : credential;
        var payload = Envelope.Encode(
            new ByteWriter(), 1, 1, sequence ?? ++_sequence, author, System.Text.Encoding.UTF8.GetBytes(key), hash, command, credential);
        Envelope.Stamp(payload, 5_000 + ClusterTimeMs, ClusterTimeMs);
        return Machine.Apply(Machine.AppliedIndex + 1, payload).Result;
    }

    /// <summary>A change that must go through, made by root while rights count.</summary>
    public OperationResult.AuthChanged Change(Command.AuthChange change) =>
        Assert.IsType<OperationResult.AuthChanged>(Apply(change, Auth.IsEnabled ? "root" : ""));

    public RejectionCode CodeOf(Command command, string author = "", Credential credential = default) =>
        Apply(command, author, credential) is OperationResult.Rejected rejected ? rejected.Rejection.Code : RejectionCode.None;

    public static Command.Write Put(string key, LeaseId lease = default, bool previous = false) =>
        new(new Operation.Put(Bytes(key), Bytes("value")) { Lease = lease, ReturnPrevious = previous });

    public static Command.Write Get(KeyRange range) => new(new Operation.Get(new RangeRequest(range)));

    /// <summary>"r:a-c", "w:x", "rw:p*", "admin:*".</summary>
    public static Permission PermissionOf(string text)
    {
        var parts = text.Split(':');
        var access = parts[0] switch
        {
            "r" => Access.Read,
            "w" => Access.Write,
            "rw" => Access.ReadWrite,
            _ => Access.Admin,
        };
        var ends = parts[1].Split('-');
        var range = ends.Length == 2 ? KeyRange.Between(Bytes(ends[0]), Bytes(ends[1]))
            : parts[1].EndsWith('*') ? KeyRange.Prefix(Bytes(parts[1][..^1]))
            : KeyRange.Single(Bytes(parts[1]));
        return Permission.Of(range, access);
    }

    public static ImmutableArray<Permission> PermissionsOf(string text) => [.. text.Split(' ').Select(PermissionOf)];

    public static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    public static TokenDigest DigestOf(byte number)
    {
        var bytes = new byte[TokenDigest.Bytes];
        bytes[^1] = number;
        return TokenDigest.Of(bytes);
    }
}
