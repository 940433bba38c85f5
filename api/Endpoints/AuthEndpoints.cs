using System.Collections.Immutable;
using System.Text.Json;
using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Api.Security.Auth;
using RestKv.Api.Validation;
using RestKv.Core.Auth;
using RestKv.Core.Commands;

namespace RestKv.Api.Endpoints;

/// <summary>`/v1/auth`: who may do what. This part: whether it counts, and what all parts share.</summary>
internal sealed partial class AuthEndpoints(ApiServices services, Logins logins, PasswordWork passwords)
{
    private static readonly QuerySpec Query = new(Parameters.Timeout, Parameters.JsonFormat, Parameters.Pretty);

    private readonly AuthSwitchValidator _switchValidator = new();
    private readonly AccessCheckValidator _checkValidator = new();

    private long NowMs => services.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task GetEnabledAsync(HttpContext context)
    {
        if (await LookAsync(context) is not { } look)
        {
            return;
        }

        using var reply = JsonReply.Rent(look.Options.Pretty);
        WriteState(reply.Writer, look.Table);
        await Reply.SendAsync(context, reply);
    }

    private async Task SetEnabledAsync(HttpContext context)
    {
        if (await JsonCommand<AuthSwitchRequest>.ReadAsync(
            context, services.Limits, Query, RestKvJsonContext.Default.AuthSwitchRequest, _switchValidator)
            is not { Body: var body, Options: var options })
        {
            return;
        }

        var problem = body.Enabled == true
            ? CheckEnable(services.Auth.Auth)
            : await CheckRootPasswordAsync(context, body.Password);
        Command.AuthChange change = body.Enabled == true ? new Command.AuthEnable() : new Command.AuthDisable();
        if (problem is not null || await ChangeAsync(context, change, options) is null)
        {
            await (problem?.WriteAsync(context) ?? Task.CompletedTask);
            return;
        }

        using var reply = JsonReply.Rent(options.Pretty);
        WriteState(reply.Writer, services.Auth.Auth);
        await Reply.SendAsync(context, reply);
    }

    /// <summary>A root whom nothing lets in could not turn it off again.</summary>
    private Problem? CheckEnable(AuthTable table) =>
        table.IsEnabled ? new Problem(ProblemCatalog.AlreadyEnabled, "authentication is on")
        : table.FindUser(AuthUser.RootName) is { HasNoPassword: true } && services.Options.TrustedCaFile.Length == 0
            ? new Problem(ProblemCatalog.RootRequired, "the user root has no password, and no certificate of a client is taken here")
        : null;

    /// <summary>Whoever found an open session of root must not be able to open the store to everybody with it.</summary>
    private async ValueTask<Problem?> CheckRootPasswordAsync(HttpContext context, string? password)
    {
        var table = services.Auth.Auth;
        if (!table.IsEnabled)
        {
            return null;
        }

        if (RequestFacts.Of(context).Principal.Judge(services.Auth, out var authority) != RejectionCode.None || !authority.IsRoot)
        {
            return AuthProblems.NotRoot();
        }

        return password is null
            ? new Problem(ProblemCatalog.Validation, "turning authentication off needs the password of the user root") { At = "/password" }
            : await passwords.TryVerifyAsync(table.FindUser(AuthUser.RootName), password, null, context.RequestAborted) switch
            {
                null => AuthProblems.Of(RecognitionFault.Overloaded),
                false => new Problem(ProblemCatalog.Forbidden, "the password is not that of the user root") { At = "/password" },
                true => null,
            };
    }

    private async Task GetMeAsync(HttpContext context)
    {
        if (await ReadOptionsAsync(context) is not { } options)
        {
            return;
        }

        var principal = RequestFacts.Of(context).Principal;
        var code = principal.Judge(services.Auth, out var authority);
        if (code != RejectionCode.None)
        {
            await AuthProblems.Unauthenticated().WriteAsync(context);
            return;
        }

        context.Response.Headers.CacheControl = KvHeaders.NoStore;
        using var reply = JsonReply.Rent(options.Pretty);
        WriteMe(reply.Writer, principal, authority, services.Auth.Auth);
        await Reply.SendAsync(context, reply);
    }

    private async Task CheckAccessAsync(HttpContext context)
    {
        if (await JsonCommand<AccessCheckRequest>.ReadAsync(
            context, services.Limits, Query, RestKvJsonContext.Default.AccessCheckRequest, _checkValidator)
            is not { Body: var body, Options: var options } || await LookAsync(context, options) is not { } look)
        {
            return;
        }

        var problem = TxnKeys.ReadRange(body, out var range);
        _ = PermissionText.TryParse(body.Access, out var access);
        var authority = look.Authority;
        var own = authority.User?.Name ?? "";
        var name = body.User ?? own;
        if (problem is null && name != own)
        {
            problem = !authority.IsRoot ? AuthProblems.NotRoot()
                : look.Table.FindUser(name) is { } user ? Become(user, out authority)
                : new Problem(ProblemCatalog.UserNotFound, "GET /v1/auth/users lists them") { At = "/user" };
        }

        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return;
        }

        using var reply = JsonReply.Rent(options.Pretty);
        reply.Writer.WriteStartObject();
        reply.Writer.WriteString("user"u8, name);
        reply.Writer.WriteBoolean(
            "allowed"u8,
            (!access.HasFlag(Access.Read) || authority.CanRead(range)) && (!access.HasFlag(Access.Write) || authority.CanWrite(range))
                && (access != Access.Admin || authority.IsAdmin));
        reply.Writer.WriteEndObject();
        await Reply.SendAsync(context, reply);
    }

    private static Problem? Become(AuthUser user, out Authority authority)
    {
        authority = new Authority(user, user.Rights, null);
        return null;
    }

    private static void WriteState(Utf8JsonWriter writer, AuthTable table)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("enabled"u8, table.IsEnabled);
        writer.WriteNumber("authRev"u8, table.Revision);
        writer.WriteEndObject();
    }

    private static void WriteMe(Utf8JsonWriter writer, Principal principal, in Authority authority, AuthTable table)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("enabled"u8, table.IsEnabled);
        if (authority.User is { } user)
        {
            var token = principal.Credential.Kind == CredentialKind.Token ? table.Tokens.GetValueOrDefault(principal.Credential.Number) : null;
            IEnumerable<string> roles = token?.Roles is { } subset ? user.Roles.Intersect(subset) : user.Roles;
            writer.WriteString("user"u8, user.Name);
            writer.WriteString("method"u8, principal.Method);
            AuthWriter.WriteNames(writer, "roles"u8, roles);
            AuthWriter.WritePermissions(writer, "permissions"u8, roles.SelectMany(role => table.FindRole(role)?.Permissions ?? []));
            if (token is { Scopes.IsEmpty: false })
            {
                AuthWriter.WritePermissions(writer, "scope"u8, token.Scopes);
            }
        }

        writer.WriteBoolean("root"u8, authority.IsRoot);
        writer.WriteBoolean("admin"u8, authority.IsAdmin);
        writer.WriteEndObject();
    }

    /// <summary>Proposes a change; null when a problem was written instead.</summary>
    private async ValueTask<OperationResult?> ChangeAsync(HttpContext context, Command.AuthChange change, WriteOptions options)
    {
        var reply = await WriteGate.SubmitAsync(context, services, change, options);
        if (reply.Problem is null)
        {
            return reply.Result;
        }

        await reply.Problem.WriteAsync(context);
        return null;
    }

    private static async ValueTask<WriteOptions?> ReadOptionsAsync(HttpContext context)
    {
        var query = QueryReader.Read(context, Query);
        var options = WriteOptions.Read(context, ref query);
        if ((query.Problem ?? JsonOnly.Check(context.Request)) is { } problem)
        {
            await problem.WriteAsync(context);
            return null;
        }

        return options;
    }

    private async ValueTask<TableLook?> LookAsync(HttpContext context) =>
        await ReadOptionsAsync(context) is { } options ? await LookAsync(context, options) : null;

    /// <summary>The table as the cluster has it now, and what the caller may do by it; null when a problem was written instead.</summary>
    private async ValueTask<TableLook?> LookAsync(HttpContext context, WriteOptions options, bool needsRoot = false)
    {
        var read = await ReadGate.ReadAsync(services.Node, new ReadOptions(false, 0, 0, options.Timeout));
        var problem = read.Problem;
        Authority authority = default;
        if (problem is null)
        {
            var code = RequestFacts.Of(context).Principal.Judge(services.Auth, out authority);
            problem = code != RejectionCode.None ? AuthProblems.Unauthenticated()
                : needsRoot && !authority.IsRoot ? AuthProblems.NotRoot()
                : null;
        }

        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return null;
        }

        context.Response.Headers.CacheControl = KvHeaders.NoStore;
        return new TableLook(services.Auth.Auth, authority, options);
    }

    private static Problem? ReadPermissions(
        IReadOnlyList<PermissionRequest>? requests, string property, out ImmutableArray<Permission> permissions)
    {
        var list = ImmutableArray.CreateBuilder<Permission>();
        permissions = [];
        for (var i = 0; i < (requests?.Count ?? 0); i++)
        {
            if (TxnKeys.ReadRange(requests![i], out var range) is { } problem)
            {
                return problem.Under($"/{property}/{i}");
            }

            _ = PermissionText.TryParse(requests[i].Access, out var access);
            var permission = Permission.Of(range, access);
            if (!permission.IsValid)
            {
                return new Problem(ProblemCatalog.InvalidRange, "the range has no keys") { At = $"/{property}/{i}" };
            }

            list.Add(permission);
        }

        permissions = list.ToImmutable();
        return null;
    }

    private readonly record struct TableLook(AuthTable Table, Authority Authority, WriteOptions Options);
}
