using System.Collections.Immutable;
using RestKv.Api.Hosting;
using RestKv.Api.Watch;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Api.Security.Auth;

/// <summary>
/// Rights of one stream, asked anew whenever they may have changed. The rights of a state are published before its events reach
/// any stream, so who looks here after taking events and before writing them shows nothing that was forbidden when it was written.
/// </summary>
/// <param name="ranges">All keys that the stream may show.</param>
internal sealed class WatchGuard(Principal principal, IAuthSource auth, ImmutableArray<KeyRange> ranges) : IWatchGuard
{
    /// <summary>Of a session that is used up by the opening, so that it is never there afterwards.</summary>
    public const string TicketMethod = "ticket";

    private AuthTable? _judged;

    public WatchClosing Judge()
    {
        var table = auth.Auth;
        if (principal is { Credential.Kind: CredentialKind.Token, DeadlineMs: > 0 and var end } && table.IsEnabled && auth.ClusterTimeMs >= end)
        {
            // Time alone ends it: no table changes.
            return WatchClosing.AuthExpired;
        }

        if (ReferenceEquals(table, _judged))
        {
            return WatchClosing.None;
        }

        // A cookie ends with its session, by a logout too. A token in a header is judged when the stream is opened, as in etcd.
        if (table.IsEnabled && principal is { DeadlineMs: > 0, Session: { } session } && table.Sessions.Find(session) is null
            && principal.Method != TicketMethod)
        {
            return WatchClosing.AuthExpired;
        }

        if (_judged is null || !table.HasSameRights(_judged))
        {
            var code = principal.Judge(auth, out var authority);
            if (code is RejectionCode.AuthRequired or RejectionCode.InvalidAuthToken)
            {
                return WatchClosing.AuthExpired;
            }

            foreach (var range in ranges)
            {
                if (code != RejectionCode.None || !authority.CanRead(range))
                {
                    return WatchClosing.Forbidden;
                }
            }
        }

        _judged = table;
        return WatchClosing.None;
    }
}
