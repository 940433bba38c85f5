using System.Text;
using System.Text.Json;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Api.Security.Audit;

/// <summary>What a command does, and to what: names, keys and ranges, never values, hashes or digests.</summary>
internal static class AuditSubject
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string NameOf(Command command) => command switch
    {
        Command.Write { Operation: Operation.Txn } => "txn",
        Command.Write { Operation: Operation.Delete } => "delete",
        Command.Write { Operation: Operation.Get } => "get",
        Command.Write => "put",
        Command.SessionOpen => "login",
        Command.SessionClose => "logout",
        _ => Kebab(command.GetType().Name),
    };

    /// <summary>What runs the cluster or decides who may do what: it is not done without a line about it.</summary>
    public static bool IsAdministration(Command command) => command is
        (Command.AuthChange and not (Command.SessionOpen or Command.SessionClose or Command.AuthTouch))
        or Command.Compact or Command.SetRetention or Command.SetAlarm
        or (Command.MemberChange and not Command.MemberAnnounce);

    public static bool IsSession(Command command) => command is Command.SessionOpen or Command.SessionClose;

    public static void Write(Utf8JsonWriter json, Command command)
    {
        json.WriteStartObject();
        switch (command)
        {
            case Command.Write write:
                json.WriteStartArray("keys");
                WriteRanges(json, write.Operation);
                json.WriteEndArray();
                break;
            case Command.LeaseGrant grant:
                json.WriteString("lease", grant.Id.ToString());
                break;
            case Command.LeaseRevoke revoke:
                json.WriteString("lease", revoke.Id.ToString());
                break;
            case Command.Compact compact:
                json.WriteNumber("rev", compact.Revision);
                break;
            case Command.SetRetention set:
                json.WriteNumber("revisions", set.Retention.Revisions);
                json.WriteNumber("ageMs", set.Retention.AgeMs);
                break;
            case Command.SetAlarm set:
                json.WriteString("alarm", set.Alarm.Kind.ToString());
                json.WriteBoolean("raised", set.IsRaised);
                break;
            case Command.MemberChange change:
                WriteMember(json, change);
                break;
            case Command.AuthChange change:
                WriteAuth(json, change);
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteMember(Utf8JsonWriter json, Command.MemberChange change)
    {
        switch (change)
        {
            case Command.MemberAdd add:
                json.WriteString("name", add.Name);
                WriteNames(json, "peerUrls", add.PeerUrls);
                break;
            case Command.MemberRemove remove:
                json.WriteString("member", remove.Id.ToString());
                break;
            case Command.MemberPromote promote:
                json.WriteString("member", promote.Id.ToString());
                break;
            case Command.MemberUpdate update:
                json.WriteString("member", update.Id.ToString());
                WriteNames(json, "peerUrls", update.PeerUrls);
                break;
        }
    }

    private static void WriteAuth(Utf8JsonWriter json, Command.AuthChange change)
    {
        var (user, role, roles) = change switch
        {
            Command.UserAdd add => (add.Name, null, add.Roles),
            Command.UserDelete delete => (delete.Name, null, default),
            Command.UserSetPassword set => (set.Name, null, default),
            Command.UserGrantRole grant => (grant.User, grant.Role, default),
            Command.UserRevokeRole revoke => (revoke.User, revoke.Role, default),
            Command.UserSetRoles set => (set.User, null, set.Roles),
            Command.RoleAdd add => (null, add.Name, default),
            Command.RoleDelete delete => (null, delete.Name, default),
            Command.RoleGrantPermission grant => (null, grant.Role, default),
            Command.RoleRevokePermission revoke => (null, revoke.Role, default),
            Command.RoleSet set => (null, set.Name, default),
            Command.TokenAdd add => (add.User, null, add.Roles),
            Command.SessionOpen open => (open.User, null, default),
            _ => ((string?)null, (string?)null, default(System.Collections.Immutable.ImmutableArray<string>)),
        };
        if (user is not null)
        {
            json.WriteString("user", user);
        }

        if (role is not null)
        {
            json.WriteString("role", role);
        }

        if (!roles.IsDefaultOrEmpty)
        {
            WriteNames(json, "roles", roles);
        }

        switch (change)
        {
            case Command.TokenAdd add:
                json.WriteString("token", add.Name);
                break;
            case Command.TokenRemove remove:
                json.WriteNumber("token", remove.Id);
                break;
            case Command.RoleGrantPermission grant:
                WritePermissions(json, [grant.Permission]);
                break;
            case Command.RoleSet set:
                WritePermissions(json, set.Permissions);
                break;
        }
    }

    private static void WritePermissions(Utf8JsonWriter json, IEnumerable<Permission> permissions)
    {
        json.WriteStartArray("permissions");
        foreach (var permission in permissions)
        {
            json.WriteStartObject();
            WriteRange(json, permission.Range);
            json.WriteString("access", permission.Access.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteNames(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void WriteRanges(Utf8JsonWriter json, Operation operation)
    {
        switch (operation)
        {
            case Operation.Put put:
                WriteAccess(json, "put", KeyRange.Single(put.Key));
                break;
            case Operation.Delete delete:
                WriteAccess(json, "delete", delete.Range);
                break;
            case Operation.Get get:
                WriteAccess(json, "get", get.Request.Range);
                break;
            case Operation.Txn txn:
                foreach (var compare in txn.If)
                {
                    WriteAccess(json, "compare", compare.Range);
                }

                foreach (var inner in txn.Then.Concat(txn.Else))
                {
                    WriteRanges(json, inner);
                }

                break;
        }
    }

    private static void WriteAccess(Utf8JsonWriter json, string access, in KeyRange range)
    {
        json.WriteStartObject();
        json.WriteString("op", access);
        WriteRange(json, range);
        json.WriteEndObject();
    }

    private static void WriteRange(Utf8JsonWriter json, in KeyRange range)
    {
        WriteKey(json, range.Kind == KeyRangeKind.Single ? "key" : "start", range.Start);
        if (range.Kind is not (KeyRangeKind.Single or KeyRangeKind.From))
        {
            WriteKey(json, "end", range.End);
        }
    }

    /// <summary>As text, or as base64 where it is none.</summary>
    private static void WriteKey(Utf8JsonWriter json, string name, ReadOnlyMemory<byte> key)
    {
        string text;
        try
        {
            text = StrictUtf8.GetString(key.Span);
        }
        catch (DecoderFallbackException)
        {
            json.WriteBase64String(name + "Base64", key.Span);
            return;
        }

        json.WriteString(name, text);
    }

    private static string Kebab(string name) =>
        string.Concat(name.Select((letter, at) => char.IsUpper(letter) ? (at > 0 ? "-" : "") + char.ToLowerInvariant(letter) : letter.ToString()));
}
