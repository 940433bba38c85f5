using RestKv.Api.Contracts;
using RestKv.Api.Http;
using RestKv.Api.OpenApi;
using RestKv.Api.Security.Auth;

namespace RestKv.Api.Endpoints;

/// <summary>Where users, roles and tokens are found.</summary>
internal sealed partial class AuthEndpoints
{
    private const string Tag = "Users";

    private static readonly int[] ReadProblems = [400, 401, 403, 406, 503, 504];
    private static readonly int[] WriteProblems = [400, 401, 403, 404, 406, 409, 413, 415, 422, 503, 504];

    public void Map(RouteGroupBuilder v1)
    {
        var auth = v1.MapGroup("/auth");
        MapLogins(auth);
        MapUsers(auth);
        MapRoles(auth);
        MapTokens(auth);
        MapState(auth);
    }

    private void MapLogins(RouteGroupBuilder auth)
    {
        auth.MapPost("/login", (Delegate)LoginAsync).Describe(Change<LoginRequest>(
            "login", "Log in", "The token lasts five minutes after each use, on every member.",
            Answer.Json<LoginResult>(200, "Send the token as `Authorization: Bearer`.")) with
        {
            Access = RouteAccess.Public,
            Headers = [],
            Problems = [400, 401, 403, 406, 413, 415, 429, 503, 504],
        });
        auth.MapPost("/logout", (Delegate)LogoutAsync).Describe(Change(
            "logout", "Log out", "Ends the session whose token or cookie comes with the request.",
            Answer.Json<LogoutResult>(200, "It is over.")) with
        { Headers = [], Problems = ReadProblems });
        auth.MapPost("/session", (Delegate)OpenSessionAsync).Describe(Change<LoginRequest>(
            "openSession", "Log in from a browser", "As login, but the secret goes into a cookie that no script can read. It lasts eight hours.",
            Answer.Json<LoginResult>(200, "The cookie is set.")) with
        {
            Access = RouteAccess.Public,
            Headers = [],
            Problems = [400, 401, 403, 406, 413, 415, 429, 503, 504],
        });
        auth.MapPost("/ticket", (Delegate)GetTicketAsync).Describe(Change<TicketRequest>(
            "getTicket", "Get a ticket for an event stream",
            "An EventSource of another origin cannot send a header: the ticket goes into the query, opens one stream of these keys within "
            + "thirty seconds, and is worth nothing afterwards.",
            Answer.Json<TicketResult>(200, "For `?ticket=`.")) with
        { Headers = [] });
    }

    private void MapUsers(RouteGroupBuilder auth)
    {
        auth.MapRead("/users", ListUsersAsync, Read("listUsers", "List the users", Answer.Json<UserPage>(200, "All of them.")));
        auth.MapRead("/users/{name}", GetUserAsync, Read("getUser", "Look at a user", Answer.Json<UserEntry>(200, "The user.")));
        auth.MapPost("/users", (Delegate)AddUserAsync).Describe(Change<UserAddRequest>(
            "addUser", "Make a user", "Its roles must be there, but for `root`, which allows everything.",
            Answer.Json<UserEntry>(201, "The user.")));
        auth.MapPut("/users/{name}", (Delegate)ChangeUserAsync).Describe(Change<UserChangeRequest>(
            "changeUser", "Change the password or the roles of a user", "A new password ends the user's sessions; tokens stay.",
            Answer.Json<UserEntry>(200, "The user now.")));
        auth.MapDelete("/users/{name}", (Delegate)DeleteUserAsync).Describe(Change(
            "deleteUser", "Delete a user", "With its sessions and tokens.", Answer.Empty(204, "It is gone.")));
    }

    private void MapRoles(RouteGroupBuilder auth)
    {
        auth.MapRead("/roles", ListRolesAsync, Read("listRoles", "List the roles", Answer.Json<RolePage>(200, "All of them.")));
        auth.MapRead("/roles/{name}", GetRoleAsync, Read("getRole", "Look at a role", Answer.Json<RoleEntry>(200, "The role.")));
        auth.MapPost("/roles", (Delegate)AddRoleAsync).Describe(Change<RoleAddRequest>(
            "addRole", "Make a role", "A range of keys is allowed when it lies in the permissions of all roles together.",
            Answer.Json<RoleEntry>(201, "The role.")));
        auth.MapPut("/roles/{name}", (Delegate)SetRoleAsync).Describe(Change<RoleSetRequest>(
            "setRole", "Make a role or give it other permissions", "It counts at once: open streams that may not go on end.",
            Answer.Json<RoleEntry>(200, "The role now.")));
        auth.MapDelete("/roles/{name}", (Delegate)DeleteRoleAsync).Describe(Change(
            "deleteRole", "Delete a role", "Who has it loses it.", Answer.Empty(204, "It is gone.")));
    }

    private void MapTokens(RouteGroupBuilder auth)
    {
        auth.MapRead("/tokens", ListTokensAsync, Read("listTokens", "List your API tokens", Answer.Json<TokenPage>(200, "Yours; for root, all.")));
        auth.MapRead("/tokens/{id}", GetTokenAsync, Read("getToken", "Look at an API token", Answer.Json<TokenEntry>(200, "The token.")));
        auth.MapPost("/tokens", (Delegate)AddTokenAsync).Describe(Change<TokenAddRequest>(
            "addToken", "Make an API token",
            "For programs: it needs no login and may be narrower than its user. The secret is in this answer and nowhere else.",
            Answer.Json<TokenEntry>(201, "The token, with its secret.")));
        auth.MapDelete("/tokens/{id}", (Delegate)DeleteTokenAsync).Describe(Change(
            "deleteToken", "Delete an API token", "It is worth nothing from then on.", Answer.Empty(204, "It is gone.")));
    }

    private void MapState(RouteGroupBuilder auth)
    {
        auth.MapRead("/enabled", GetEnabledAsync, Read("getAuthEnabled", "Is authentication on?", Answer.Json<AuthState>(200, "It is, or not.")));
        auth.MapPut("/enabled", (Delegate)SetEnabledAsync).Describe(Change<AuthSwitchRequest>(
            "setAuthEnabled", "Turn authentication on or off",
            "On needs a user root that has the role root; off needs the password of that user once more, and ends all sessions.",
            Answer.Json<AuthState>(200, "As it is now.")));
        auth.MapRead("/me", GetMeAsync, Read("getMe", "Who am I, and what may I do?", Answer.Json<WhoAmI>(200, "You.")));
        auth.MapPost("/check", (Delegate)CheckAccessAsync).WithMetadata(ReadOnlyOperation.Instance).Describe(Change<AccessCheckRequest>(
            "checkAccess", "May somebody do something?", "Everybody may ask about themselves, root about all.",
            Answer.Json<AccessVerdict>(200, "Yes or no.")) with
        { IsWrite = false, Headers = [] });
    }

    private static OperationNotes Read(string id, string summary, Answer answer) => new()
    {
        Id = id,
        Tag = Tag,
        Summary = summary,
        Query = Query,
        Answers = [answer],
        Problems = [.. ReadProblems, 404],
    };

    private static OperationNotes Change(string id, string summary, string description, Answer answer) => new()
    {
        Id = id,
        Tag = Tag,
        Summary = summary,
        Description = description,
        Query = Query,
        Headers = [HeaderParameter.IdempotencyKey],
        Answers = [answer],
        Problems = WriteProblems,
        IsWrite = true,
    };

    private static OperationNotes Change<TBody>(string id, string summary, string description, Answer answer) =>
        Change(id, summary, description, answer) with { Body = typeof(TBody) };
}
