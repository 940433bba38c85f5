using System.Collections.Immutable;
using RestKv.Core.Commands;

namespace RestKv.Core.Auth;

/// <summary>What commands and snapshots both write about rights.</summary>
internal static class AuthFields
{
    public static void WriteDigest(ByteWriter into, in TokenDigest digest)
    {
        into.WriteUInt64(digest.First);
        into.WriteUInt64(digest.Second);
        into.WriteUInt64(digest.Third);
        into.WriteUInt64(digest.Fourth);
    }

    public static TokenDigest ReadDigest(ref ByteReader from) =>
        new(from.ReadUInt64(), from.ReadUInt64(), from.ReadUInt64(), from.ReadUInt64());

    public static void WriteCredential(ByteWriter into, Credential credential)
    {
        into.WriteByte((byte)credential.Kind);
        into.WriteInt64(credential.Number);
    }

    public static Credential ReadCredential(ref ByteReader from)
    {
        var kind = from.ReadByte();
        if (kind > (byte)CredentialKind.Member)
        {
            from.Fault();
        }

        return new Credential((CredentialKind)kind, from.ReadInt64());
    }

    public static SessionKind ReadKind(ref ByteReader from)
    {
        var kind = from.ReadByte();
        if (kind > (byte)SessionKind.Ticket)
        {
            from.Fault();
        }

        return (SessionKind)kind;
    }

    public static void WriteNames(ByteWriter into, IReadOnlyCollection<string> names)
    {
        into.WriteCount(names.Count);
        foreach (var name in names)
        {
            into.WriteText(name);
        }
    }

    public static ImmutableArray<string> ReadNames(ref ByteReader from)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        for (var count = from.ReadLength(); count > 0 && !from.IsFaulted; count--)
        {
            names.Add(from.ReadText());
        }

        return names.ToImmutable();
    }

    public static void WritePermission(ByteWriter into, in Permission permission)
    {
        into.WriteByte((byte)permission.Access);
        into.WriteBytes(permission.Key.Span);
        into.WriteBytes(permission.RangeEnd.Span);
    }

    public static Permission ReadPermission(ref ByteReader from)
    {
        var access = (Access)from.ReadByte();
        if (access > Access.Admin)
        {
            from.Fault();
        }

        return new Permission(from.ReadBytes(), from.ReadBytes(), access);
    }

    public static void WritePermissions(ByteWriter into, ImmutableArray<Permission> permissions)
    {
        into.WriteCount(permissions.Length);
        foreach (var permission in permissions)
        {
            WritePermission(into, permission);
        }
    }

    public static ImmutableArray<Permission> ReadPermissions(ref ByteReader from)
    {
        var permissions = ImmutableArray.CreateBuilder<Permission>();
        for (var count = from.ReadLength(); count > 0 && !from.IsFaulted; count--)
        {
            permissions.Add(ReadPermission(ref from));
        }

        return permissions.ToImmutable();
    }
}
