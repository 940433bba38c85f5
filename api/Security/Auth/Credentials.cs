using System.Text;
using RestKv.Api.Http;
using RestKv.Core.Auth;

namespace RestKv.Api.Security.Auth;

/// <summary>
/// Finds what a request shows, in this order: the Authorization header, the session cookie, a ticket, the client certificate. The
/// first that is there counts, also when it is no good: who shows a wrong token must not become somebody else by it.
/// </summary>
internal sealed class Credentials(Authenticator authenticator, Logins logins)
{
    /// <summary>The prefix makes browsers insist on TLS, on this host and on the whole of it.</summary>
    public const string CookieName = "__Host-restkv-session";

    private const string Bearer = "Bearer ";
    private const string Basic = "Basic ";
    private static readonly TimeSpan TicketTimeout = TimeSpan.FromSeconds(5);
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public ValueTask<Recognition> RecogniseAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization;
        if (header.Count > 0)
        {
            return header is [{ Length: > 0 } text] ? ByHeaderAsync(context, text) : UnknownAsync();
        }

        if (CookieOf(context.Request) is { } cookie)
        {
            return authenticator.ByTokenAsync(cookie, SessionKind.Browser);
        }

        if (TicketOf(context.Request) is { } ticket)
        {
            return ByTicketAsync(ticket);
        }

        return context.Connection.ClientCertificate is { } certificate
            ? new(authenticator.ByCertificate(CertificateNames.Of(certificate)))
            : new(new Recognition(Principal.Nobody, RecognitionFault.None));
    }

    private ValueTask<Recognition> ByHeaderAsync(HttpContext context, string text)
    {
        if (text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return authenticator.ByTokenAsync(text[Bearer.Length..].Trim(), SessionKind.Login);
        }

        if (text.StartsWith(Basic, StringComparison.OrdinalIgnoreCase))
        {
            return TryReadBasic(text.AsSpan(Basic.Length).Trim(), out var name, out var password)
                ? authenticator.ByPasswordAsync(name, password, context.Connection.RemoteIpAddress, context.RequestAborted)
                : UnknownAsync();
        }

        // As etcd's clients send it: the token and nothing else.
        return text.Contains(' ', StringComparison.Ordinal) ? UnknownAsync() : authenticator.ByTokenAsync(text, SessionKind.Login);
    }

    /// <summary>Good for one stream: it is used up before the stream begins, whatever becomes of it.</summary>
    private async ValueTask<Recognition> ByTicketAsync(string ticket)
    {
        var recognition = await authenticator.ByTokenAsync(ticket, SessionKind.Ticket);
        return recognition.Principal is not { Session: { } digest }
            || await logins.CloseAsync(digest, SessionKind.Ticket, TicketTimeout)
                ? recognition
                : Recognition.Refused(RecognitionFault.Unknown);
    }

    private static ValueTask<Recognition> UnknownAsync() => new(Recognition.Refused(RecognitionFault.Unknown));

    /// <summary>
    /// Not from another site: browsers send this cookie only to its own site, and say in Sec-Fetch-Site where a request comes
    /// from. The framework's own reader decodes cookies, which ours need not be.
    /// </summary>
    private static string? CookieOf(HttpRequest request)
    {
        if (request.Headers.Cookie.Count == 0
            || request.Headers[KvHeaders.SecFetchSite] is [not null and not "same-origin" and not "none"])
        {
            return null;
        }

        return request.Cookies.TryGetValue(CookieName, out var value) ? value : null;
    }

    /// <summary>Only where an EventSource would send it.</summary>
    private static string? TicketOf(HttpRequest request)
    {
        if (!HttpMethods.IsGet(request.Method) || !AcceptHeader.Accepts(request.Headers.Accept, KvHeaders.EventStream))
        {
            return null;
        }

        foreach (var part in RequestFacts.Of(request.HttpContext).RawQuery.ToString().Split('&'))
        {
            if (part.StartsWith(Parameters.Ticket.Name + "=", StringComparison.Ordinal))
            {
                return part[(Parameters.Ticket.Name.Length + 1)..];
            }
        }

        return null;
    }

    private static bool TryReadBasic(ReadOnlySpan<char> text, out string name, out string password)
    {
        name = password = "";
        const int TextLengthMax = 8192;
        if (text.Length > TextLengthMax)
        {
            return false;
        }

        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64Chars(text, bytes, out var written))
        {
            return false;
        }

        try
        {
            var pair = Strict.GetString(bytes, 0, written);
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            (name, password) = colon < 0 ? ("", "") : (pair[..colon], pair[(colon + 1)..]);
            return colon > 0;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
