using RestKv.Api.Hosting;
using RestKv.Core.Auth;
using RestKv.Core.Commands;

namespace RestKv.Api.Security.Auth;

/// <summary>
/// Who makes a request: recognised once, when it comes in. What that person may do is asked anew each time, for it may change
/// while the request is under way. Immutable.
/// </summary>
/// <param name="Name">Empty for nobody.</param>
/// <param name="Credential">Goes into the log with what the request writes.</param>
/// <param name="Scope">Of the session; null when nothing narrows the rights.</param>
/// <param name="DeadlineMs">Cluster time at which what was shown ends whatever happens; 0 for never.</param>
internal sealed record Principal(string Name, Credential Credential, AccessRights? Scope = null, long DeadlineMs = 0)
{
    /// <summary>Everybody while authentication is off, and who has shown nothing.</summary>
    public static readonly Principal Nobody = new("", Credential.None);

    /// <summary>What this member does by itself.</summary>
    public static readonly Principal Member = new("", Credential.Member);

    /// <summary>How the person was recognised, for `/v1/auth/me` and the audit log.</summary>
    public string Method { get; init; } = "none";

    /// <summary>The session that was shown, so that it can be ended.</summary>
    public TokenDigest? Session { get; init; }

    public bool IsNobody => Name.Length == 0;

    /// <summary>What this person may do now, or why nothing.</summary>
    public RejectionCode Judge(IAuthSource source, out Authority authority)
    {
        var table = source.Auth;
        var code = table.Judge(Name, Credential, Credential.Kind == CredentialKind.Token ? source.ClusterTimeMs : 0, out authority);
        if (Scope is not null && table.IsEnabled)
        {
            authority = authority with { Scope = Scope };
        }

        return code;
    }
}
