using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using RestKv.Api.Hosting;
using RestKv.Api.Http;
using RestKv.Core.Auth;
using RestKv.Core.Model;

namespace RestKv.Api.Endpoints;

/// <summary>Users, roles, tokens and permissions as JSON.</summary>
internal static class AuthWriter
{
    public static void WriteUser(Utf8JsonWriter writer, AuthUser user)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, user.Name);
        WriteNames(writer, "roles"u8, user.Roles);
        writer.WriteBoolean("hasPassword"u8, !user.HasNoPassword);
        writer.WriteEndObject();
    }

    public static void WriteRole(Utf8JsonWriter writer, AuthRole role)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, role.Name);
        WritePermissions(writer, "permissions"u8, role.Permissions);
        writer.WriteEndObject();
    }

    /// <param name="secret">Only when it was just made.</param>
    /// <param name="nowMs">Wall time: ends are kept in the cluster's own time, which people do not read.</param>
    public static void WriteToken(Utf8JsonWriter writer, ApiToken token, IAuthSource auth, long nowMs, string? secret = null)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, IdText(token.Id));
        writer.WriteString("name"u8, token.Name);
        writer.WriteString("user"u8, token.User);
        if (secret is not null)
        {
            writer.WriteString("token"u8, secret);
        }

        if (token.Roles is { } roles)
        {
            WriteNames(writer, "roles"u8, roles);
        }

        if (!token.Scopes.IsEmpty)
        {
            WritePermissions(writer, "scope"u8, token.Scopes);
        }

        writer.WriteString("createdAt"u8, Text.Timestamp(token.CreatedAtMs));
        if (token.DeadlineMs != 0)
        {
            writer.WriteString("expiresAt"u8, Text.Timestamp(nowMs + token.DeadlineMs - auth.ClusterTimeMs));
        }

        if (token.LastUsedMs != 0)
        {
            writer.WriteString("lastUsedAt"u8, Text.Timestamp(token.LastUsedMs));
        }

        writer.WriteEndObject();
    }

    public static void WritePermissions(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<Permission> permissions)
    {
        writer.WriteStartArray(name);
        foreach (var permission in permissions)
        {
            writer.WriteStartObject();
            WriteRange(writer, permission.Range);
            writer.WriteString("access"u8, PermissionText.Of(permission.Access));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static void WriteNames(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<string> names)
    {
        writer.WriteStartArray(name);
        foreach (var text in names)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    public static string IdText(long id) => id.ToString("x", CultureInfo.InvariantCulture);

    public static bool TryParseId(string text, out long id) =>
        long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out id) && text.Length <= 16;

    /// <summary>As a prefix where it is one, since that is what people wrote.</summary>
    private static void WriteRange(Utf8JsonWriter writer, in KeyRange range)
    {
        if (range.Kind == KeyRangeKind.Single)
        {
            WriteBytes(writer, "key", range.Start);
        }
        else if (IsEverything(range))
        {
            writer.WriteString("prefix"u8, ""u8);
        }
        else if (range == KeyRange.Prefix(range.Start))
        {
            WriteBytes(writer, "prefix", range.Start);
        }
        else
        {
            WriteBytes(writer, "start", range.Start);
            if (range.Kind == KeyRangeKind.HalfOpen)
            {
                WriteBytes(writer, "end", range.End);
            }
        }
    }

    private static bool IsEverything(in KeyRange range) =>
        range.Kind == KeyRangeKind.From && range.Start.Span is [] or [0];

    private static void WriteBytes(Utf8JsonWriter writer, string name, ReadOnlyMemory<byte> bytes)
    {
        if (Utf8.IsValid(bytes.Span))
        {
            writer.WriteString(name, Encoding.UTF8.GetString(bytes.Span));
        }
        else
        {
            writer.WriteBase64String(name + "Base64", bytes.Span);
        }
    }
}
