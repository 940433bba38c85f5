using System.Collections.Immutable;
using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Api.Security.Audit;
using RestKv.Api.Security.Auth;
using RestKv.Api.Validation;
using RestKv.Core.Auth;

namespace RestKv.Api.Endpoints;

/// <summary>Coming and going.</summary>
internal sealed partial class AuthEndpoints
{
    private readonly LoginValidator _loginValidator = new();
    private readonly TicketValidator _ticketValidator = new();

    private Task LoginAsync(HttpContext context) => OpenAsync(context, logins.ForHeaders);

    /// <summary>For browsers: the secret goes into a cookie that no script can read.</summary>
    private Task OpenSessionAsync(HttpContext context) => OpenAsync(context, logins.ForBrowsers);

    private async Task OpenAsync(HttpContext context, SessionForm form)
    {
        if (await JsonCommand<LoginRequest>.ReadAsync(
            context, services.Limits, Query, RestKvJsonContext.Default.LoginRequest, _loginValidator)
            is not { Body: var body, Options: var options })
        {
            return;
        }

        var reply = await logins.OpenAsync(
            body.User!, body.Password!, form, context.Connection.RemoteIpAddress, options.Timeout, context.RequestAborted);
        if (reply.Token is not { } token)
        {
            AuditCaller.SetName(context, body.User!);
            await ProblemOf(reply).WriteAsync(context);
            return;
        }

        context.Response.Headers.CacheControl = KvHeaders.NoStore;
        using var json = JsonReply.Rent(options.Pretty);
        json.Writer.WriteStartObject();
        json.Writer.WriteString("user"u8, body.User);
        if (form.Kind == SessionKind.Browser)
        {
            SetCookie(context.Response, token, form.Ttl);
        }
        else
        {
            json.Writer.WriteString("token"u8, token);
        }

        json.Writer.WriteNumber("expiresIn"u8, (long)form.Ttl.TotalSeconds);
        json.Writer.WriteEndObject();
        await Reply.SendAsync(context, json);
    }

    /// <summary>Ends the session that the request itself shows; a password or an API token has none.</summary>
    private async Task LogoutAsync(HttpContext context)
    {
        if (await ReadOptionsAsync(context) is not { } options)
        {
            return;
        }

        var principal = RequestFacts.Of(context).Principal;
        var kind = principal.Method == "browser" ? SessionKind.Browser : SessionKind.Login;
        var isEnded = principal.Session is { } digest && await logins.CloseAsync(digest, kind, options.Timeout);
        if (kind == SessionKind.Browser)
        {
            SetCookie(context.Response, "", TimeSpan.Zero);
        }

        using var json = JsonReply.Rent(options.Pretty);
        json.Writer.WriteStartObject();
        json.Writer.WriteBoolean("ended"u8, isEnded);
        json.Writer.WriteEndObject();
        await Reply.SendAsync(context, json);
    }

    private async Task GetTicketAsync(HttpContext context)
    {
        if (await JsonCommand<TicketRequest>.ReadAsync(
            context, services.Limits, Query, RestKvJsonContext.Default.TicketRequest, _ticketValidator)
            is not { Body: var body, Options: var options })
        {
            return;
        }

        var problem = ReadScopes(context, body, out var scopes);
        if (problem is null && services.Auth.Auth.FindUser(RequestFacts.Of(context).Principal.Name) is { } user)
        {
            var reply = await logins.OpenAsync(user, logins.ForStreams, scopes, options.Timeout);
            if (reply.Token is { } ticket)
            {
                await AnswerTicketAsync(context, ticket, options);
                return;
            }

            problem = ProblemOf(reply);
        }

        await (problem ?? AuthProblems.Disabled()).WriteAsync(context);
    }

    private Problem? ReadScopes(HttpContext context, TicketRequest body, out ImmutableArray<Permission> scopes)
    {
        var list = ImmutableArray.CreateBuilder<Permission>();
        scopes = [];
        for (var i = 0; i < body.Ranges!.Count; i++)
        {
            var problem = TxnKeys.ReadRange(body.Ranges[i], out var range) ?? AccessGate.CheckRead(context, services, range);
            if (problem is not null)
            {
                return problem.Under($"/ranges/{i}");
            }

            var scope = Permission.Of(range, Access.Read);
            if (!scope.IsValid)
            {
                return new Problem(ProblemCatalog.InvalidRange, "the range has no keys") { At = $"/ranges/{i}" };
            }

            list.Add(scope);
        }

        scopes = list.ToImmutable();
        return null;
    }

    private async Task AnswerTicketAsync(HttpContext context, string ticket, WriteOptions options)
    {
        context.Response.Headers.CacheControl = KvHeaders.NoStore;
        using var json = JsonReply.Rent(options.Pretty);
        json.Writer.WriteStartObject();
        json.Writer.WriteString("ticket"u8, ticket);
        json.Writer.WriteNumber("expiresIn"u8, (long)logins.ForStreams.Ttl.TotalSeconds);
        json.Writer.WriteEndObject();
        await Reply.SendAsync(context, json);
    }

    private static Problem ProblemOf(in LoginReply reply) =>
        reply.Result is { } result && ResultMapping.ToProblem(result) is { } refused ? refused
        : reply.Fault == RecognitionFault.Unavailable && ResultMapping.ToProblem(reply.Barrier) is { } unavailable ? unavailable
        : AuthProblems.Of(reply.Fault, reply.RetryAfter);

    private static void SetCookie(HttpResponse response, string value, TimeSpan life) => response.Headers.Append(
        "Set-Cookie",
        $"{Credentials.CookieName}={value}; Path=/; Max-Age={Text.Of((long)life.TotalSeconds)}; Secure; HttpOnly; SameSite=Strict");
}
