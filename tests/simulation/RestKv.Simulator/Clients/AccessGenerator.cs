using System.Collections.Immutable;
using RestKv.Checkers.History;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Simulator.Engine;

namespace RestKv.Simulator.Clients;

/// <summary>Random users and roles, and in whose name requests are made. Who it is is told by certificates, which need no session.</summary>
internal sealed class AccessGenerator(SimulationOptions options, SimulationRandom random, OperationGenerator operations)
{
    private static readonly string[] Users = ["ann", "bob"];
    private static readonly string[] Roles = ["reader", "writer", "both"];

    public bool IsDue => random.Percent(options.AuthPercent);

    public HistoryRequest.Submit Change() => random.OneIn(10)
        ? Named(NextChange(), random.Pick(Users))
        : Named(NextChange(), AuthUser.RootName);

    /// <summary>The same request in somebody's name; as it is where nobody has rights.</summary>
    public HistoryRequest.Submit InName(HistoryRequest.Submit request) => options.AuthPercent == 0
        ? request
        : request.Command is Command.Compact or Command.SetRetention && !random.OneIn(4) ? Named(request, AuthUser.RootName)
        : random.OneIn(12) ? request
        : Named(request, random.Pick(["ann", "ann", "bob", "bob", AuthUser.RootName, "carl"]));

    private static HistoryRequest.Submit Named(HistoryRequest.Submit request, string author) =>
        request with { Author = author, Credential = Credential.OfUser(0) };

    private static HistoryRequest.Submit Named(Command command, string author) => Named(new HistoryRequest.Submit(command), author);

    private Command.AuthChange NextChange() => random.Next(24) switch
    {
        < 3 => new Command.UserAdd(AuthUser.RootName, default, true, [AuthRole.RootName]),
        < 6 => new Command.AuthEnable(),
        < 7 => new Command.AuthDisable(),
        < 10 => new Command.UserAdd(random.Pick(Users), default, true, RolesOf()),
        < 12 => new Command.UserSetRoles(random.OneIn(8) ? AuthUser.RootName : random.Pick(Users), RolesOf()),
        < 13 => new Command.UserDelete(random.OneIn(4) ? AuthUser.RootName : random.Pick(Users)),
        < 14 => new Command.RoleDelete(random.Pick(Roles)),
        _ => new Command.RoleSet(random.Pick(Roles), Permissions()),
    };

    private ImmutableArray<string> RolesOf() =>
        [.. Roles.Where(_ => random.OneIn(2)), .. random.OneIn(20) ? [AuthRole.RootName] : Array.Empty<string>()];

    private ImmutableArray<Permission> Permissions()
    {
        var permissions = ImmutableArray.CreateBuilder<Permission>();
        for (var i = random.Next(4); i >= 0; i--)
        {
            var range = random.OneIn(3) ? KeyRange.Single(operations.Key()) : operations.Range();
            var permission = Permission.Of(range, random.Pick([Access.Read, Access.Write, Access.ReadWrite, Access.ReadWrite]));
            if (permission.IsValid)
            {
                permissions.Add(permission);
            }
        }

        return permissions.ToImmutable();
    }
}
