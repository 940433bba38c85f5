using System.Net;
using RestKv.Api.Hosting;
using RestKv.Core.Auth;

namespace RestKv.Api.Security.Auth;

/// <summary>
/// Says whom a token, a password or a certificate belongs to. Only called while authentication is on. Any thread.
/// </summary>
internal sealed class Authenticator(
    INode node, IAuthSource auth, PasswordWork passwords, LoginLimits limits, SessionRenewal renewal, TimeProvider time)
{
    private static readonly TimeSpan CatchUpTimeout = TimeSpan.FromSeconds(5);

    /// <summary>An API token, or the token of a session of the given kind.</summary>
    public async ValueTask<Recognition> ByTokenAsync(string text, SessionKind kind)
    {
        if (!TokenText.IsFit(text))
        {
            return Recognition.Refused(RecognitionFault.Unknown);
        }

        if (text.StartsWith(TokenText.ApiPrefix, StringComparison.Ordinal))
        {
            return kind == SessionKind.Login ? ByApiToken(text) : Recognition.Refused(RecognitionFault.Unknown);
        }

        var digest = TokenText.DigestOf(TokenText.SecretOf(text, out var index));
        if (auth.Auth.Sessions.Find(digest) is null && index > auth.AppliedIndex)
        {
            // Opened at another member a moment ago, and this one has not heard of it.
            await node.ReadBarrierAsync(CatchUpTimeout, CancellationToken.None);
        }

        return BySession(auth.Auth, digest, kind);
    }

    /// <summary>Whose login this was, if it ended a while ago; as somebody recognised now, with the rights of now. Null for nobody's.</summary>
    public Principal? ByFormerToken(string text) =>
        TokenText.IsFit(text) && !text.StartsWith(TokenText.ApiPrefix, StringComparison.Ordinal)
            && auth.Auth.FindFormer(TokenText.DigestOf(TokenText.SecretOf(text, out _)), auth.ClusterTimeMs) is { } user
            ? new Principal(user.Name, Credential.OfUser(user.Epoch)) { Method = "former" }
            : null;

    /// <summary>Name and password with the request itself; what was found right before is not hashed again.</summary>
    public async ValueTask<Recognition> ByPasswordAsync(
        string name, string password, IPAddress? address, CancellationToken cancellationToken)
    {
        var attempt = new LoginAttempt(limits, name, address);
        if (attempt.Delay is var delay && delay > TimeSpan.Zero)
        {
            return new Recognition(null, RecognitionFault.RateLimited, delay);
        }

        var user = auth.Auth.FindUser(name);
        if (attempt.IsHopeless)
        {
            return Recognition.Refused(RecognitionFault.Unknown);
        }

        if (await passwords.TryVerifyAsync(user, password, attempt, cancellationToken) is not { } isRight)
        {
            delay = attempt.Delay;
            return delay > TimeSpan.Zero
                ? new Recognition(null, RecognitionFault.RateLimited, delay)
                : Recognition.Refused(RecognitionFault.Overloaded);
        }

        return !isRight
            ? Recognition.Refused(RecognitionFault.Unknown)
            : Of(new Principal(name, Credential.OfUser(user!.Epoch)) { Method = "password" });
    }

    /// <summary>The first of the certificate's names that is a user's. The handshake has verified the certificate.</summary>
    public Recognition ByCertificate(IEnumerable<string> names)
    {
        var table = auth.Auth;
        foreach (var name in names)
        {
            if (table.FindUser(name) is { } user)
            {
                return Of(new Principal(name, Credential.OfUser(user.Epoch)) { Method = "certificate" });
            }
        }

        return Recognition.Refused(RecognitionFault.Unknown);
    }

    private Recognition ByApiToken(string text)
    {
        var table = auth.Auth;
        if (table.FindToken(TokenText.DigestOf(text)) is not { } token || table.FindUser(token.User) is null)
        {
            return Recognition.Refused(RecognitionFault.Unknown);
        }

        if (token.IsOver(auth.ClusterTimeMs))
        {
            return Recognition.Refused(RecognitionFault.Expired);
        }

        renewal.Used(token, time.GetUtcNow().ToUnixTimeMilliseconds());
        return Of(new Principal(token.User, Credential.OfToken(token.Id), null, token.DeadlineMs) { Method = "token" });
    }

    private Recognition BySession(AuthTable table, TokenDigest digest, SessionKind kind)
    {
        if (table.Sessions.Find(digest) is not { } session || session.Kind != kind || table.FindUser(session.User) is not { } user)
        {
            return Recognition.Refused(RecognitionFault.Unknown);
        }

        if (session.DeadlineMs <= auth.ClusterTimeMs)
        {
            return Recognition.Refused(RecognitionFault.Expired);
        }

        renewal.Used(session);
        var deadlineMs = session.Slides ? 0 : session.DeadlineMs;
        return Of(new Principal(session.User, Credential.OfUser(user.Epoch), session.Scope, deadlineMs)
        {
            Method = session.Kind.ToString().ToLowerInvariant(),
            Session = digest,
        });
    }

    private static Recognition Of(Principal principal) => new(principal, RecognitionFault.None);
}
