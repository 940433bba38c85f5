using System.Collections.Immutable;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Core.Auth;

/// <summary>Binary form of commands about rights (core/DESIGN.md). Decoding is total, as everywhere.</summary>
internal static class AuthCodec
{
    private const byte RenewForTag = 39;
    private const byte FirstTag = 40;
    private const byte EnableTag = FirstTag;
    private const byte DisableTag = 41;
    private const byte UserAddTag = 42;
    private const byte UserDeleteTag = 43;
    private const byte UserSetPasswordTag = 44;
    private const byte UserGrantRoleTag = 45;
    private const byte UserRevokeRoleTag = 46;
    private const byte UserSetRolesTag = 47;
    private const byte RoleAddTag = 48;
    private const byte RoleDeleteTag = 49;
    private const byte RoleGrantPermissionTag = 50;
    private const byte RoleRevokePermissionTag = 51;
    private const byte RoleSetTag = 52;
    private const byte TokenAddTag = 53;
    private const byte TokenRemoveTag = 54;
    private const byte SessionOpenTag = 55;
    private const byte TouchTag = 56;
    private const byte SessionCloseTag = 57;

    public static void Write(ByteWriter into, Command.AuthChange change)
    {
        into.WriteByte(TagOf(change));
        switch (change)
        {
            case Command.UserAdd or Command.UserDelete or Command.UserSetPassword or Command.UserGrantRole
                or Command.UserRevokeRole or Command.UserSetRoles:
                WriteUserChange(into, change);
                break;
            case Command.RoleAdd or Command.RoleDelete or Command.RoleGrantPermission or Command.RoleRevokePermission
                or Command.RoleSet:
                WriteRoleChange(into, change);
                break;
            case Command.TokenAdd add:
                into.WriteText(add.Name);
                into.WriteText(add.User);
                AuthFields.WriteDigest(into, add.Digest);
                AuthFields.WriteNames(into, add.Roles);
                AuthFields.WritePermissions(into, add.Scopes);
                into.WriteInt64(add.TtlMs);
                break;
            case Command.TokenRemove remove:
                into.WriteInt64(remove.Id);
                break;
            case Command.SessionOpen open:
                into.WriteText(open.User);
                into.WriteInt64(open.Epoch);
                AuthFields.WriteDigest(into, open.Digest);
                into.WriteByte((byte)open.Kind);
                into.WriteBool(open.Slides);
                into.WriteInt64(open.TtlMs);
                AuthFields.WritePermissions(into, open.Scopes);
                break;
            case Command.AuthTouch touch:
                WriteTouch(into, touch);
                break;
            case Command.SessionClose close:
                AuthFields.WriteDigest(into, close.Digest);
                into.WriteByte((byte)close.Kind);
                break;
        }
    }

    public static void WriteRenewFor(ByteWriter into, Command.LeaseRenewFor renew)
    {
        into.WriteByte(RenewForTag);
        into.WriteCount(renew.Parts.Length);
        foreach (var part in renew.Parts)
        {
            into.WriteText(part.Author);
            AuthFields.WriteCredential(into, part.Credential);
            into.WriteCount(part.Ids.Length);
            foreach (var id in part.Ids)
            {
                into.WriteInt64(id.Value);
            }
        }
    }

    /// <summary>The command with this tag; none for a tag that is not of this codec.</summary>
    public static Command? Read(byte tag, ref ByteReader from) => tag switch
    {
        RenewForTag => ReadRenewFor(ref from),
        EnableTag => new Command.AuthEnable(),
        DisableTag => new Command.AuthDisable(),
        UserAddTag => new Command.UserAdd(from.ReadText(), from.ReadBytes(), from.ReadBool(), AuthFields.ReadNames(ref from)),
        UserDeleteTag => new Command.UserDelete(from.ReadText()),
        UserSetPasswordTag => new Command.UserSetPassword(from.ReadText(), from.ReadBytes()),
        UserGrantRoleTag => new Command.UserGrantRole(from.ReadText(), from.ReadText()),
        UserRevokeRoleTag => new Command.UserRevokeRole(from.ReadText(), from.ReadText()),
        UserSetRolesTag => new Command.UserSetRoles(from.ReadText(), AuthFields.ReadNames(ref from)),
        RoleAddTag => new Command.RoleAdd(from.ReadText()),
        RoleDeleteTag => new Command.RoleDelete(from.ReadText()),
        RoleGrantPermissionTag => new Command.RoleGrantPermission(from.ReadText(), AuthFields.ReadPermission(ref from)),
        RoleRevokePermissionTag => new Command.RoleRevokePermission(from.ReadText(), from.ReadBytes(), from.ReadBytes()),
        RoleSetTag => new Command.RoleSet(from.ReadText(), AuthFields.ReadPermissions(ref from), from.ReadBool()),
        TokenAddTag => new Command.TokenAdd(
            from.ReadText(), from.ReadText(), AuthFields.ReadDigest(ref from), AuthFields.ReadNames(ref from),
            AuthFields.ReadPermissions(ref from), from.ReadInt64()),
        TokenRemoveTag => new Command.TokenRemove(from.ReadInt64()),
        SessionOpenTag => new Command.SessionOpen(
            from.ReadText(), from.ReadInt64(), AuthFields.ReadDigest(ref from), AuthFields.ReadKind(ref from), from.ReadBool(),
            from.ReadInt64(), AuthFields.ReadPermissions(ref from)),
        TouchTag => ReadTouch(ref from),
        SessionCloseTag => new Command.SessionClose(AuthFields.ReadDigest(ref from), AuthFields.ReadKind(ref from)),
        _ => null,
    };

    private static byte TagOf(Command.AuthChange change) => change switch
    {
        Command.AuthEnable => EnableTag,
        Command.AuthDisable => DisableTag,
        Command.UserAdd => UserAddTag,
        Command.UserDelete => UserDeleteTag,
        Command.UserSetPassword => UserSetPasswordTag,
        Command.UserGrantRole => UserGrantRoleTag,
        Command.UserRevokeRole => UserRevokeRoleTag,
        Command.UserSetRoles => UserSetRolesTag,
        Command.RoleAdd => RoleAddTag,
        Command.RoleDelete => RoleDeleteTag,
        Command.RoleGrantPermission => RoleGrantPermissionTag,
        Command.RoleRevokePermission => RoleRevokePermissionTag,
        Command.RoleSet => RoleSetTag,
        Command.TokenAdd => TokenAddTag,
        Command.TokenRemove => TokenRemoveTag,
        Command.SessionOpen => SessionOpenTag,
        Command.AuthTouch => TouchTag,
        Command.SessionClose => SessionCloseTag,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static void WriteUserChange(ByteWriter into, Command.AuthChange change)
    {
        switch (change)
        {
            case Command.UserAdd add:
                into.WriteText(add.Name);
                into.WriteBytes(add.PasswordHash.Span);
                into.WriteBool(add.HasNoPassword);
                AuthFields.WriteNames(into, add.Roles);
                break;
            case Command.UserDelete delete:
                into.WriteText(delete.Name);
                break;
            case Command.UserSetPassword set:
                into.WriteText(set.Name);
                into.WriteBytes(set.PasswordHash.Span);
                break;
            case Command.UserGrantRole grant:
                into.WriteText(grant.User);
                into.WriteText(grant.Role);
                break;
            case Command.UserRevokeRole revoke:
                into.WriteText(revoke.User);
                into.WriteText(revoke.Role);
                break;
            case Command.UserSetRoles set:
                into.WriteText(set.User);
                AuthFields.WriteNames(into, set.Roles);
                break;
        }
    }

    private static void WriteRoleChange(ByteWriter into, Command.AuthChange change)
    {
        switch (change)
        {
            case Command.RoleAdd add:
                into.WriteText(add.Name);
                break;
            case Command.RoleDelete delete:
                into.WriteText(delete.Name);
                break;
            case Command.RoleGrantPermission grant:
                into.WriteText(grant.Role);
                AuthFields.WritePermission(into, grant.Permission);
                break;
            case Command.RoleRevokePermission revoke:
                into.WriteText(revoke.Role);
                into.WriteBytes(revoke.Key.Span);
                into.WriteBytes(revoke.RangeEnd.Span);
                break;
            case Command.RoleSet set:
                into.WriteText(set.Name);
                AuthFields.WritePermissions(into, set.Permissions);
                into.WriteBool(set.IsNew);
                break;
        }
    }

    private static void WriteTouch(ByteWriter into, Command.AuthTouch touch)
    {
        into.WriteCount(touch.Sessions.Length);
        foreach (var digest in touch.Sessions)
        {
            AuthFields.WriteDigest(into, digest);
        }

        into.WriteCount(touch.Tokens.Length);
        foreach (var id in touch.Tokens)
        {
            into.WriteInt64(id);
        }
    }

    private static Command.AuthTouch ReadTouch(ref ByteReader from)
    {
        var sessions = ImmutableArray.CreateBuilder<TokenDigest>();
        for (var count = from.ReadLength(); count > 0 && !from.IsFaulted; count--)
        {
            sessions.Add(AuthFields.ReadDigest(ref from));
        }

        var tokens = ImmutableArray.CreateBuilder<long>();
        for (var count = from.ReadLength(); count > 0 && !from.IsFaulted; count--)
        {
            tokens.Add(from.ReadInt64());
        }

        return new Command.AuthTouch(sessions.ToImmutable(), tokens.ToImmutable());
    }

    private static Command.LeaseRenewFor ReadRenewFor(ref ByteReader from)
    {
        var parts = ImmutableArray.CreateBuilder<RenewalPart>();
        for (var count = from.ReadLength(); count > 0 && !from.IsFaulted; count--)
        {
            var author = from.ReadText();
            var credential = AuthFields.ReadCredential(ref from);
            var ids = ImmutableArray.CreateBuilder<LeaseId>();
            for (var left = from.ReadLength(); left > 0 && !from.IsFaulted; left--)
            {
                ids.Add(new LeaseId(from.ReadInt64()));
            }

            parts.Add(new RenewalPart(author, credential, ids.ToImmutable()));
        }

        return new Command.LeaseRenewFor(parts.ToImmutable());
    }
}
