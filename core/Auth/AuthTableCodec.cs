using RestKv.Core.Commands;
using RestKv.Core.Mvcc;

namespace RestKv.Core.Auth;

/// <summary>Binary form of the auth table in snapshots. What follows from the rest (unions of rights, indexes) is made anew.</summary>
internal static class AuthTableCodec
{
    public static void Write(ByteWriter into, AuthTable table)
    {
        into.WriteBool(table.IsEnabled);
        into.WriteInt64(table.Revision);
        into.WriteCount(table.Roles.Count);
        foreach (var role in table.Roles.Values)
        {
            into.WriteText(role.Name);
            AuthFields.WritePermissions(into, role.Permissions);
        }

        into.WriteCount(table.Users.Count);
        foreach (var user in table.Users.Values)
        {
            into.WriteText(user.Name);
            into.WriteBytes(user.PasswordHash.Span);
            into.WriteBool(user.HasNoPassword);
            AuthFields.WriteNames(into, user.Roles);
            into.WriteInt64(user.Epoch);
        }

        into.WriteCount(table.Tokens.Count);
        foreach (var token in table.Tokens.Values)
        {
            WriteToken(into, token);
        }

        WriteSessions(into, table.Sessions);
        WriteSessions(into, table.Ended);
    }

    private static void WriteSessions(ByteWriter into, SessionTable sessions)
    {
        into.WriteCount(sessions.Count);
        foreach (var session in sessions.All)
        {
            into.WriteText(session.User);
            AuthFields.WriteDigest(into, session.Digest);
            into.WriteByte((byte)session.Kind);
            into.WriteBool(session.Slides);
            into.WriteInt64(session.TtlMs);
            into.WriteInt64(session.DeadlineMs);
            AuthFields.WritePermissions(into, session.Scopes);
        }
    }

    public static AuthTable Read(ref ByteReader from)
    {
        var table = AuthTable.Empty with { IsEnabled = from.ReadBool(), Revision = from.ReadInt64() };
        for (var count = from.ReadLength(); count > 0 && !from.IsFaulted; count--)
        {
            var name = from.ReadText();
            table = table.WithRole(new AuthRole(name, [.. AuthFields.ReadPermissions(ref from).Select(found => found.Detach())]));
        }

        for (var count = from.ReadLength(); count > 0 && !from.IsFaulted; count--)
        {
            table = table.WithUser(new AuthUser(
                from.ReadText(), from.ReadBytes().ToArray(), from.ReadBool(), Names.SetOf(AuthFields.ReadNames(ref from)), from.ReadInt64()));
        }

        for (var count = from.ReadLength(); count > 0 && !from.IsFaulted; count--)
        {
            var token = ReadToken(ref from);
            if (table.FindUser(token.User) is null)
            {
                from.Fault();
                break;
            }

            table = table.WithToken(token);
        }

        return table with { Sessions = ReadSessions(ref from), Ended = ReadSessions(ref from) };
    }

    private static SessionTable ReadSessions(ref ByteReader from)
    {
        var sessions = SessionTable.Empty;
        for (var count = from.ReadLength(); count > 0 && !from.IsFaulted; count--)
        {
            sessions = sessions.With(ReadSession(ref from), nowMs: long.MinValue);
        }

        return sessions;
    }

    /// <summary>Equal on all members with the same table.</summary>
    public static ulong Digest(AuthTable table)
    {
        var writer = new ByteWriter(1024);
        Write(writer, table);
        return StateHash.Of(writer.Written, StateHash.Seed);
    }

    private static void WriteToken(ByteWriter into, ApiToken token)
    {
        into.WriteInt64(token.Id);
        into.WriteText(token.Name);
        into.WriteText(token.User);
        AuthFields.WriteDigest(into, token.Digest);
        into.WriteBool(token.Roles is not null);
        AuthFields.WriteNames(into, token.Roles ?? []);
        AuthFields.WritePermissions(into, token.Scopes);
        into.WriteInt64(token.CreatedAtMs);
        into.WriteInt64(token.DeadlineMs);
        into.WriteInt64(token.LastUsedMs);
    }

    private static ApiToken ReadToken(ref ByteReader from)
    {
        var (id, name, user) = (from.ReadInt64(), from.ReadText(), from.ReadText());
        var digest = AuthFields.ReadDigest(ref from);
        var hasRoles = from.ReadBool();
        var roles = Names.SetOf(AuthFields.ReadNames(ref from));
        return new ApiToken(
            id, name, user, digest, hasRoles ? roles : null,
            [.. AuthFields.ReadPermissions(ref from).Select(found => found.Detach())], from.ReadInt64(), from.ReadInt64(),
            from.ReadInt64());
    }

    private static Session ReadSession(ref ByteReader from)
    {
        var user = from.ReadText();
        var digest = AuthFields.ReadDigest(ref from);
        return new Session(
            digest, user, AuthFields.ReadKind(ref from), from.ReadBool(), from.ReadInt64(), from.ReadInt64(),
            [.. AuthFields.ReadPermissions(ref from).Select(found => found.Detach())]);
    }
}
