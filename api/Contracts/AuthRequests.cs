using System.Text.Json;

namespace RestKv.Api.Contracts;

/// <summary>Says who somebody is.</summary>
internal sealed record LoginRequest
{
    public string? User { get; init; }

    public string? Password { get; init; }
}

/// <summary>Asks for a ticket that opens one event stream.</summary>
internal sealed record TicketRequest
{
    /// <summary>All keys that the stream is to watch.</summary>
    public IReadOnlyList<KeyRangeRequest>? Ranges { get; init; }
}

/// <summary>A key, a prefix, or a range.</summary>
internal sealed record KeyRangeRequest : IKeyRangeContract
{
    public string? Key { get; init; }

    public string? KeyBase64 { get; init; }

    public string? Prefix { get; init; }

    public string? PrefixBase64 { get; init; }

    public string? Start { get; init; }

    public string? StartBase64 { get; init; }

    public string? End { get; init; }

    public string? EndBase64 { get; init; }
}

/// <summary>What may be done on a key, a prefix, or a range.</summary>
internal sealed record PermissionRequest : IKeyRangeContract
{
    public string? Key { get; init; }

    public string? KeyBase64 { get; init; }

    public string? Prefix { get; init; }

    public string? PrefixBase64 { get; init; }

    public string? Start { get; init; }

    public string? StartBase64 { get; init; }

    public string? End { get; init; }

    public string? EndBase64 { get; init; }

    /// <summary>`r`, `w`, `rw`, or `admin`: that on all keys allows running the cluster, too.</summary>
    public string? Access { get; init; }
}

/// <summary>Makes a user.</summary>
internal sealed record UserAddRequest
{
    /// <summary>1 to 64 letters, digits, dots, dashes and underscores.</summary>
    public string? Name { get; init; }

    /// <summary>12 characters or more. Without one only a certificate or a token tells who it is.</summary>
    public string? Password { get; init; }

    public IReadOnlyList<string>? Roles { get; init; }
}

/// <summary>Changes a user; what is left out stays.</summary>
internal sealed record UserChangeRequest
{
    /// <summary>12 characters or more. Ends the user's sessions.</summary>
    public string? Password { get; init; }

    /// <summary>These roles and no other.</summary>
    public IReadOnlyList<string>? Roles { get; init; }
}

/// <summary>Makes a role.</summary>
internal sealed record RoleAddRequest
{
    /// <summary>1 to 64 letters, digits, dots, dashes and underscores.</summary>
    public string? Name { get; init; }

    public IReadOnlyList<PermissionRequest>? Permissions { get; init; }
}

/// <summary>Makes a role, or gives it other permissions.</summary>
internal sealed record RoleSetRequest
{
    /// <summary>These permissions and no other.</summary>
    public IReadOnlyList<PermissionRequest>? Permissions { get; init; }
}

/// <summary>Makes an API token.</summary>
internal sealed record TokenAddRequest
{
    /// <summary>What it is for.</summary>
    public string? Name { get; init; }

    /// <summary>Whose it is; by default the caller's.</summary>
    public string? User { get; init; }

    /// <summary>Only these of the user's roles; all by default.</summary>
    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary>Only these keys; all by default.</summary>
    public IReadOnlyList<PermissionRequest>? Scope { get; init; }

    /// <summary>`"90d"`, `"12h"` or a number of seconds; by default it has no end.</summary>
    public JsonElement? Ttl { get; init; }
}

/// <summary>Turns authentication on or off.</summary>
internal sealed record AuthSwitchRequest
{
    public bool? Enabled { get; init; }

    /// <summary>Of the user root; due for turning it off.</summary>
    public string? Password { get; init; }
}

/// <summary>Asks whether somebody may do something.</summary>
internal sealed record AccessCheckRequest : IKeyRangeContract
{
    /// <summary>By default the caller.</summary>
    public string? User { get; init; }

    /// <summary>`r`, `w` or `rw`.</summary>
    public string? Access { get; init; }

    public string? Key { get; init; }

    public string? KeyBase64 { get; init; }

    public string? Prefix { get; init; }

    public string? PrefixBase64 { get; init; }

    public string? Start { get; init; }

    public string? StartBase64 { get; init; }

    public string? End { get; init; }

    public string? EndBase64 { get; init; }
}
