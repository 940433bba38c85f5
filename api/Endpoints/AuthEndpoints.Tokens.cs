using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Api.Security.Auth;
using RestKv.Api.Validation;
using RestKv.Core.Auth;
using RestKv.Core.Commands;

namespace RestKv.Api.Endpoints;

/// <summary>API tokens. Everybody has their own; root sees and makes all.</summary>
internal sealed partial class AuthEndpoints
{
    private readonly TokenAddValidator _tokenAddValidator = new();

    private async Task ListTokensAsync(HttpContext context)
    {
        if (await LookAsync(context) is not { } look)
        {
            return;
        }

        using var reply = JsonReply.Rent(look.Options.Pretty);
        reply.Writer.WriteStartObject();
        reply.Writer.WriteStartArray("tokens"u8);
        foreach (var token in look.Table.Tokens.Values.Where(token => IsVisible(token, look)))
        {
            AuthWriter.WriteToken(reply.Writer, token, services.Auth, NowMs);
        }

        reply.Writer.WriteEndArray();
        reply.Writer.WriteEndObject();
        await Reply.SendAsync(context, reply);
    }

    private async Task GetTokenAsync(HttpContext context, string id)
    {
        if (await LookAsync(context) is not { } look)
        {
            return;
        }

        if (Find(look, id) is not { } token)
        {
            await ResultMapping.TokenNotFound().WriteAsync(context);
            return;
        }

        using var reply = JsonReply.Rent(look.Options.Pretty);
        AuthWriter.WriteToken(reply.Writer, token, services.Auth, NowMs);
        await Reply.SendAsync(context, reply);
    }

    /// <summary>The secret is drawn here and shown in this answer; what is kept is its digest.</summary>
    private async Task AddTokenAsync(HttpContext context)
    {
        if (await JsonCommand<TokenAddRequest>.ReadAsync(
            context, services.Limits, Query, RestKvJsonContext.Default.TokenAddRequest, _tokenAddValidator)
            is not { Body: var body, Options: var options })
        {
            return;
        }

        var problem = ReadPermissions(body.Scope, "scope", out var scopes);
        var owner = body.User ?? RequestFacts.Of(context).Principal.Name;
        if (problem is null && owner.Length == 0)
        {
            problem = new Problem(ProblemCatalog.Validation, "while authentication is off the request must say whose token it is")
            {
                At = "/user",
            };
        }

        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return;
        }

        var seconds = 0L;
        _ = body.Ttl is { } ttl && JsonDuration.TryReadSeconds(ttl, out seconds);
        var secret = TokenText.ApiPrefix + TokenText.NewSecret();
        var add = new Command.TokenAdd(
            body.Name!, owner, TokenText.DigestOf(secret), [.. body.Roles ?? []], scopes, seconds * 1000);
        if (await ChangeAsync(context, add, options) is OperationResult.AuthChanged { Number: var id })
        {
            await AnswerTokenAsync(context, id, secret, options);
        }
    }

    private async Task AnswerTokenAsync(HttpContext context, long id, string secret, WriteOptions options)
    {
        if (!services.Auth.Auth.Tokens.TryGetValue(id, out var token))
        {
            await ResultMapping.TokenNotFound().WriteAsync(context);
            return;
        }

        context.Response.Headers.Location = $"/v1/auth/tokens/{AuthWriter.IdText(id)}";
        context.Response.Headers.CacheControl = KvHeaders.NoStore;
        using var reply = JsonReply.Rent(options.Pretty);

        // A retry drew another secret, which is nobody's: the one that counts was in the answer that was lost.
        var isShown = token.Digest == TokenText.DigestOf(secret);
        AuthWriter.WriteToken(reply.Writer, token, services.Auth, NowMs, isShown ? secret : null);
        await Reply.SendAsync(context, reply, StatusCodes.Status201Created);
    }

    private async Task DeleteTokenAsync(HttpContext context, string id)
    {
        if (await ReadOptionsAsync(context) is not { } options || await LookAsync(context, options) is not { } look)
        {
            return;
        }

        if (Find(look, id) is not { } token)
        {
            await ResultMapping.TokenNotFound().WriteAsync(context);
        }
        else if (await ChangeAsync(context, new Command.TokenRemove(token.Id), options) is not null)
        {
            Reply.SendNothing(context, StatusCodes.Status204NoContent);
        }
    }

    /// <summary>Somebody else's is not there: its id says nothing.</summary>
    private static ApiToken? Find(in TableLook look, string id) =>
        AuthWriter.TryParseId(id, out var number) && look.Table.Tokens.TryGetValue(number, out var token) && IsVisible(token, look)
            ? token
            : null;

    private static bool IsVisible(ApiToken token, in TableLook look) =>
        look.Authority.IsRoot || token.User == look.Authority.User?.Name;
}
