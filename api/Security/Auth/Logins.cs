using System.Collections.Immutable;
using System.Net;
using RestKv.Api.Hosting;
using RestKv.Core.Auth;
using RestKv.Core.Commands;

namespace RestKv.Api.Security.Auth;

/// <summary>Opens sessions: a password is checked here, off the log, and what the log gets is the digest of a drawn secret.</summary>
internal sealed class Logins(INode node, IAuthSource auth, PasswordWork passwords, LoginLimits limits, NodeOptions options)
{
    /// <summary>As etcd's simple tokens: good for some minutes after the last use.</summary>
    public SessionForm ForHeaders { get; } = new(SessionKind.Login, Slides: true, options.AuthTokenTtl);

    /// <summary>A working day of a person in front of a browser.</summary>
    public SessionForm ForBrowsers { get; } = new(SessionKind.Browser, Slides: false, TimeSpan.FromHours(8));

    /// <summary>As long as a page takes to open its stream.</summary>
    public SessionForm ForStreams { get; } = new(SessionKind.Ticket, Slides: false, TimeSpan.FromSeconds(30));

    /// <summary>The password may be changed while it is checked; more than so often is no accident.</summary>
    private const int AttemptsMax = 3;

    /// <summary>With a password, for the answer to carry a token that is shown in headers, or the value of a cookie.</summary>
    public async ValueTask<LoginReply> OpenAsync(
        string name, string password, SessionForm form, IPAddress? address, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var login = new LoginAttempt(limits, name, address);
        if (login.Delay is var delay && delay > TimeSpan.Zero)
        {
            return new LoginReply(null, RecognitionFault.RateLimited) { RetryAfter = delay };
        }

        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            // A password that was changed at another member must not open anything here any more.
            var barrier = await node.ReadBarrierAsync(timeout, cancellationToken);
            if (barrier.Outcome != BarrierOutcome.Ok)
            {
                return new LoginReply(null, RecognitionFault.Unavailable) { Barrier = barrier.Outcome };
            }

            var table = auth.Auth;
            if (!table.IsEnabled)
            {
                return new LoginReply(null, RecognitionFault.NotEnabled);
            }

            if (login.IsHopeless)
            {
                return new LoginReply(null, RecognitionFault.Unknown);
            }

            var user = table.FindUser(name);
            if (await passwords.TryVerifyAsync(user, password, login, cancellationToken) is not { } isRight)
            {
                delay = login.Delay;
                return new LoginReply(null, delay > TimeSpan.Zero ? RecognitionFault.RateLimited : RecognitionFault.Overloaded)
                {
                    RetryAfter = delay,
                };
            }

            if (!isRight)
            {
                return new LoginReply(null, RecognitionFault.Unknown) { HasNoPassword = user is { HasNoPassword: true } };
            }

            var reply = await OpenAsync(user!, form, [], timeout);
            if (reply.Result is not OperationResult.Rejected { Rejection.Code: RejectionCode.AuthenticationFailed })
            {
                return reply;
            }
        }

        return new LoginReply(null, RecognitionFault.Unknown);
    }

    /// <summary>For somebody who was recognised already.</summary>
    public async ValueTask<LoginReply> OpenAsync(
        AuthUser user, SessionForm form, ImmutableArray<Permission> scopes, TimeSpan timeout)
    {
        var secret = (form.Kind == SessionKind.Ticket ? TokenText.TicketPrefix : "") + TokenText.NewSecret();
        var open = new Command.SessionOpen(
            user.Name, user.Epoch, TokenText.DigestOf(secret), form.Kind, form.Slides, (long)form.Ttl.TotalMilliseconds, scopes);
        var reply = await node.SubmitAsync(open, new SubmitOptions(user.Name, timeout), CancellationToken.None);
        return reply.Result is OperationResult.AuthChanged opened
            ? new LoginReply(TokenText.OfSession(secret, opened.Number), RecognitionFault.None)
            : new LoginReply(null, RecognitionFault.Unavailable) { Result = reply.Result };
    }

    /// <summary>Ends a session; true when there was one.</summary>
    public async ValueTask<bool> CloseAsync(TokenDigest digest, SessionKind kind, TimeSpan timeout)
    {
        var reply = await node.SubmitAsync(new Command.SessionClose(digest, kind), new SubmitOptions("", timeout), CancellationToken.None);
        return reply.Result is OperationResult.AuthChanged { Number: 1 };
    }
}

/// <summary>How a session is shown and how long it lasts.</summary>
/// <param name="Slides">Each use starts the time anew.</param>
internal readonly record struct SessionForm(SessionKind Kind, bool Slides, TimeSpan Ttl);

/// <summary>The text to show from now on, or why there is none.</summary>
internal readonly record struct LoginReply(string? Token, RecognitionFault Fault)
{
    public TimeSpan RetryAfter { get; init; }

    /// <summary>etcd tells this case apart; the native API does not.</summary>
    public bool HasNoPassword { get; init; }

    /// <summary>Why the log could not be asked.</summary>
    public BarrierOutcome Barrier { get; init; }

    /// <summary>What became of the entry, when it did not open the session.</summary>
    public OperationResult? Result { get; init; }
}
