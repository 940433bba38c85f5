using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Api.Security.Auth;
using RestKv.Api.Validation;
using RestKv.Core.Commands;

namespace RestKv.Api.Endpoints;

/// <summary>Users and roles.</summary>
internal sealed partial class AuthEndpoints
{
    private readonly UserAddValidator _userAddValidator = new();
    private readonly UserChangeValidator _userChangeValidator = new();
    private readonly RoleAddValidator _roleAddValidator = new();
    private readonly RoleSetValidator _roleSetValidator = new();

    private async Task ListUsersAsync(HttpContext context)
    {
        if (await ReadOptionsAsync(context) is not { } options || await LookAsync(context, options, needsRoot: true) is not { } look)
        {
            return;
        }

        using var reply = JsonReply.Rent(options.Pretty);
        reply.Writer.WriteStartObject();
        reply.Writer.WriteStartArray("users"u8);
        foreach (var user in look.Table.Users.Values)
        {
            AuthWriter.WriteUser(reply.Writer, user);
        }

        reply.Writer.WriteEndArray();
        reply.Writer.WriteEndObject();
        await Reply.SendAsync(context, reply);
    }

    /// <summary>Everybody may look at themselves.</summary>
    private async Task GetUserAsync(HttpContext context)
    {
        var name = PathText.LastOf(context);
        if (await LookAsync(context) is not { } look)
        {
            return;
        }

        var problem = !look.Authority.IsRoot && look.Authority.User?.Name != name ? AuthProblems.NotRoot()
            : look.Table.FindUser(name) is null ? ResultMapping.UserNotFound() : null;
        await (problem is null
            ? AnswerUserAsync(context, name, look.Options)
            : problem.WriteAsync(context));
    }

    private async Task AddUserAsync(HttpContext context)
    {
        if (await JsonCommand<UserAddRequest>.ReadAsync(
            context, services.Limits, Query, RestKvJsonContext.Default.UserAddRequest, _userAddValidator)
            is not { Body: var body, Options: var options } || await LookAsync(context, options, needsRoot: true) is null)
        {
            return;
        }

        byte[]? hash = [];
        if (body.Password is { } password && (hash = await passwords.TryHashAsync(password, context.RequestAborted)) is null)
        {
            await AuthProblems.Of(RecognitionFault.Overloaded).WriteAsync(context);
            return;
        }

        var add = new Command.UserAdd(body.Name!, hash, body.Password is null, [.. body.Roles ?? []]);
        if (await ChangeAsync(context, add, options) is not null)
        {
            context.Response.Headers.Location = $"/v1/auth/users/{body.Name}";
            await AnswerUserAsync(context, body.Name!, options, StatusCodes.Status201Created);
        }
    }

    private async Task ChangeUserAsync(HttpContext context)
    {
        var name = PathText.LastOf(context);
        if (await JsonCommand<UserChangeRequest>.ReadAsync(
            context, services.Limits, Query, RestKvJsonContext.Default.UserChangeRequest, _userChangeValidator)
            is not { Body: var body, Options: var options } || await LookAsync(context, options, needsRoot: true) is not { } look)
        {
            return;
        }

        Problem? problem = null;
        Command.AuthChange? change = null;
        if (body.Roles is { } roles)
        {
            change = new Command.UserSetRoles(name, [.. roles]);
        }
        else if (look.Table.FindUser(name) is { HasNoPassword: true })
        {
            problem = new Problem(ProblemCatalog.Validation, "the user was made without a password") { At = "/password" };
        }
        else if (await passwords.TryHashAsync(body.Password!, context.RequestAborted) is { } hash)
        {
            change = new Command.UserSetPassword(name, hash);
        }
        else
        {
            problem = AuthProblems.Of(RecognitionFault.Overloaded);
        }

        if (problem is not null)
        {
            await problem.WriteAsync(context);
        }
        else if (await ChangeAsync(context, change!, options) is not null)
        {
            await AnswerUserAsync(context, name, options);
        }
    }

    private async Task DeleteUserAsync(HttpContext context)
    {
        if (await ReadOptionsAsync(context) is { } options
            && await ChangeAsync(context, new Command.UserDelete(PathText.LastOf(context)), options) is not null)
        {
            Reply.SendNothing(context, StatusCodes.Status204NoContent);
        }
    }

    private async Task ListRolesAsync(HttpContext context)
    {
        if (await ReadOptionsAsync(context) is not { } options || await LookAsync(context, options, needsRoot: true) is not { } look)
        {
            return;
        }

        using var reply = JsonReply.Rent(options.Pretty);
        reply.Writer.WriteStartObject();
        reply.Writer.WriteStartArray("roles"u8);
        foreach (var role in look.Table.Roles.Values)
        {
            AuthWriter.WriteRole(reply.Writer, role);
        }

        reply.Writer.WriteEndArray();
        reply.Writer.WriteEndObject();
        await Reply.SendAsync(context, reply);
    }

    /// <summary>Everybody may look at the roles they have.</summary>
    private async Task GetRoleAsync(HttpContext context)
    {
        var name = PathText.LastOf(context);
        if (await LookAsync(context) is not { } look)
        {
            return;
        }

        var problem = !look.Authority.IsRoot && look.Authority.User?.Roles.Contains(name) != true ? AuthProblems.NotRoot()
            : look.Table.FindRole(name) is null ? ResultMapping.RoleNotFound() : null;
        await (problem is null
            ? AnswerRoleAsync(context, name, look.Options)
            : problem.WriteAsync(context));
    }

    private async Task AddRoleAsync(HttpContext context)
    {
        if (await JsonCommand<RoleAddRequest>.ReadAsync(
            context, services.Limits, Query, RestKvJsonContext.Default.RoleAddRequest, _roleAddValidator)
            is not { Body: var body, Options: var options })
        {
            return;
        }

        var problem = ReadPermissions(body.Permissions, "permissions", out var permissions);
        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return;
        }

        var add = new Command.RoleSet(body.Name!, permissions, IsNew: true);
        if (await ChangeAsync(context, add, options) is not null)
        {
            context.Response.Headers.Location = $"/v1/auth/roles/{body.Name}";
            await AnswerRoleAsync(context, body.Name!, options, StatusCodes.Status201Created);
        }
    }

    private async Task SetRoleAsync(HttpContext context)
    {
        var name = PathText.LastOf(context);
        if (await JsonCommand<RoleSetRequest>.ReadAsync(
            context, services.Limits, Query, RestKvJsonContext.Default.RoleSetRequest, _roleSetValidator)
            is not { Body: var body, Options: var options })
        {
            return;
        }

        var problem = ReadPermissions(body.Permissions, "permissions", out var permissions);
        if (problem is not null)
        {
            await problem.WriteAsync(context);
        }
        else if (await ChangeAsync(context, new Command.RoleSet(name, permissions), options) is not null)
        {
            await AnswerRoleAsync(context, name, options);
        }
    }

    private async Task DeleteRoleAsync(HttpContext context)
    {
        if (await ReadOptionsAsync(context) is { } options
            && await ChangeAsync(context, new Command.RoleDelete(PathText.LastOf(context)), options) is not null)
        {
            Reply.SendNothing(context, StatusCodes.Status204NoContent);
        }
    }

    /// <summary>As it is here by now, which may be later than the change: then it may be gone.</summary>
    private async Task AnswerUserAsync(HttpContext context, string name, WriteOptions options, int status = StatusCodes.Status200OK)
    {
        if (services.Auth.Auth.FindUser(name) is not { } user)
        {
            await ResultMapping.UserNotFound().WriteAsync(context);
            return;
        }

        using var reply = JsonReply.Rent(options.Pretty);
        AuthWriter.WriteUser(reply.Writer, user);
        await Reply.SendAsync(context, reply, status);
    }

    private async Task AnswerRoleAsync(HttpContext context, string name, WriteOptions options, int status = StatusCodes.Status200OK)
    {
        if (services.Auth.Auth.FindRole(name) is not { } role)
        {
            await ResultMapping.RoleNotFound().WriteAsync(context);
            return;
        }

        using var reply = JsonReply.Rent(options.Pretty);
        AuthWriter.WriteRole(reply.Writer, role);
        await Reply.SendAsync(context, reply, status);
    }
}
