namespace RestKv.Core.Auth;

/// <summary>By what the author of a request was recognised; part of the log entry, since rights are judged when it is applied.</summary>
/// <param name="Number">
/// Of a user: its <see cref="AuthUser.Epoch"/>; 0 when the name in a certificate was no user's yet. Of a token: its id.
/// </param>
public readonly record struct Credential(CredentialKind Kind, long Number)
{
    public static readonly Credential None;

    /// <summary>Of what a member does by itself, in nobody's name.</summary>
    public static readonly Credential Member = new(CredentialKind.Member, 0);

    public static Credential OfUser(long epoch) => new(CredentialKind.User, epoch);

    public static Credential OfToken(long id) => new(CredentialKind.Token, id);
}

public enum CredentialKind : byte
{
    /// <summary>Nobody, whatever name stands beside it: names were not checked while authentication was off.</summary>
    None = 0,

    /// <summary>A password, a session or a certificate.</summary>
    User = 1,
    Token = 2,
    Member = 3,
}
