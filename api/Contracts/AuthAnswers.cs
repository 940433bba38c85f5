namespace RestKv.Api.Contracts;

/// <summary>Somebody is logged in.</summary>
internal sealed record LoginResult
{
    public required string User { get; init; }

    /// <summary>For `Authorization: Bearer`; absent where a cookie was set.</summary>
    public string? Token { get; init; }

    /// <summary>Seconds; of a token, after its last use.</summary>
    public required long ExpiresIn { get; init; }
}

/// <summary>Somebody was logged in.</summary>
internal sealed record LogoutResult
{
    /// <summary>False when the session was over already.</summary>
    public required bool Ended { get; init; }
}

/// <summary>Opens one event stream.</summary>
internal sealed record TicketResult
{
    /// <summary>For the query parameter of the same name.</summary>
    public required string Ticket { get; init; }

    /// <summary>Seconds.</summary>
    public required long ExpiresIn { get; init; }
}

/// <summary>What may be done on a key, a prefix, or a range.</summary>
internal sealed record PermissionEntry
{
    public string? Key { get; init; }

    public string? KeyBase64 { get; init; }

    public string? Prefix { get; init; }

    public string? PrefixBase64 { get; init; }

    public string? Start { get; init; }

    public string? StartBase64 { get; init; }

    public string? End { get; init; }

    public string? EndBase64 { get; init; }

    /// <summary>`r`, `w`, `rw` or `admin`.</summary>
    public required string Access { get; init; }
}

/// <summary>One user.</summary>
internal sealed record UserEntry
{
    public required string Name { get; init; }

    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>False for a user that only a certificate or a token tells.</summary>
    public required bool HasPassword { get; init; }
}

/// <summary>All users.</summary>
internal sealed record UserPage
{
    public required IReadOnlyList<UserEntry> Users { get; init; }
}

/// <summary>One role.</summary>
internal sealed record RoleEntry
{
    public required string Name { get; init; }

    public required IReadOnlyList<PermissionEntry> Permissions { get; init; }
}

/// <summary>All roles.</summary>
internal sealed record RolePage
{
    public required IReadOnlyList<RoleEntry> Roles { get; init; }
}

/// <summary>One API token.</summary>
internal sealed record TokenEntry
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string User { get; init; }

    /// <summary>The secret itself. Shown this once.</summary>
    public string? Token { get; init; }

    /// <summary>Absent for all of the user's.</summary>
    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary>Absent for all keys.</summary>
    public IReadOnlyList<PermissionEntry>? Scope { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Absent when it has no end. An estimate: the cluster counts the time it runs.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>To the hour.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }
}

/// <summary>API tokens.</summary>
internal sealed record TokenPage
{
    public required IReadOnlyList<TokenEntry> Tokens { get; init; }
}

/// <summary>Whether rights count.</summary>
internal sealed record AuthState
{
    public required bool Enabled { get; init; }

    /// <summary>One more with each change of users, roles and grants.</summary>
    public required long AuthRev { get; init; }
}

/// <summary>Who the caller is.</summary>
internal sealed record WhoAmI
{
    /// <summary>False while authentication is off: then there is nobody to be.</summary>
    public required bool Enabled { get; init; }

    public string? User { get; init; }

    /// <summary>`password`, `login`, `browser`, `token` or `certificate`.</summary>
    public string? Method { get; init; }

    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary>May do everything.</summary>
    public required bool Root { get; init; }

    /// <summary>May run the cluster.</summary>
    public required bool Admin { get; init; }

    /// <summary>Of all roles that count.</summary>
    public IReadOnlyList<PermissionEntry>? Permissions { get; init; }

    /// <summary>What was shown is good for these keys only.</summary>
    public IReadOnlyList<PermissionEntry>? Scope { get; init; }
}

/// <summary>Whether somebody may do what was asked.</summary>
internal sealed record AccessVerdict
{
    public required string User { get; init; }

    public required bool Allowed { get; init; }
}
