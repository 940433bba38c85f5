using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Checkers.Model;

/// <summary>
/// Who may do what, told anew: a range is allowed when every key of it is, and that is tried at the few keys where it could end. Knows
/// users, roles and whether they count; not passwords, tokens and sessions.
/// </summary>
public sealed partial class KvModel
{
    private readonly SortedDictionary<string, SortedSet<string>> _users = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<Permission>> _roles = new(StringComparer.Ordinal);
    private long _authRevision = 1;

    public bool IsAuthOn { get; private set; }

    /// <summary>Users, roles and whether they count, as text to compare with.</summary>
    public string DescribeAuth() => Describe(
        IsAuthOn, _users.Select(user => (user.Key, user.Value.AsEnumerable())), _roles.Select(role => (role.Key, role.Value.AsEnumerable())));

    /// <summary>The same of a store.</summary>
    public static string DescribeAuth(AuthTable table) => Describe(
        table.IsEnabled,
        table.Users.Values.Select(user => (user.Name, user.Roles.AsEnumerable())),
        table.Roles.Values.Select(role => (role.Name, role.Permissions.AsEnumerable())));

    private static string Describe(
        bool isOn,
        IEnumerable<(string Name, IEnumerable<string> Roles)> users,
        IEnumerable<(string Name, IEnumerable<Permission> Permissions)> roles) =>
        $"{(isOn ? "on" : "off")}; {string.Join(", ", users.Select(user => $"{user.Name}: {string.Join(' ', user.Roles)}"))}; "
            + string.Join(", ", roles.Select(role => $"{role.Name}: {Show(role.Permissions)}"));

    private static string Show(IEnumerable<Permission> permissions) =>
        string.Join(' ', permissions.Select(Show).Order(StringComparer.Ordinal));

    private static string Show(Permission permission) =>
        $"{permission.Access}[{Bytes.Name(permission.Key)};{Bytes.Name(permission.RangeEnd)}]";

    /// <summary>Whether anybody stands behind a request.</summary>
    private RejectionCode RefusalOf(Command command) =>
        !IsAuthOn || IsOfMembers(command) || _context.Credential.Kind == CredentialKind.Member ? RejectionCode.None
        : _context.Author.Length == 0 || _context.Credential.Kind == CredentialKind.None ? RejectionCode.AuthRequired
        : _users.ContainsKey(_context.Author) ? RejectionCode.None
        : RejectionCode.PermissionDenied;

    private static bool IsOfMembers(Command command) => command is
        Command.Tick or Command.StateMark or Command.StateReport or Command.LeaseExpire or Command.MemberAnnounce or Command.LeaseRenewFor;

    private bool IsAllowed(Command command) =>
        !IsAuthOn || IsOfMembers(command) || _context.Credential.Kind == CredentialKind.Member || IsAllowed(command, _context.Author);

    private bool IsAllowed(Command command, string author) => IsRoot(author) || command switch
    {
        Command.Write write => IsAllowed(write.Operation, author),
        Command.LeaseGrant or Command.SettleOutcome => true,
        Command.LeaseRevoke revoke => IsAllowed(revoke.Id, author),
        Command.LeaseRenew renew => renew.Ids.All(id => IsAllowed(id, author)),
        _ => false,
    };

    /// <summary>All that could happen, whatever comes of the comparisons.</summary>
    private bool IsAllowed(Operation operation, string author) => operation switch
    {
        Operation.Put put => IsAllowed(KeyRange.Single(put.Key), Access.Write, author)
            && (!put.ReturnPrevious || IsAllowed(KeyRange.Single(put.Key), Access.Read, author))
            && IsAllowed(put.Lease, author),
        Operation.Delete delete => IsAllowed(delete.Range, Access.Write, author)
            && (!delete.ReturnPrevious || IsAllowed(delete.Range, Access.Read, author)),
        Operation.Get get => IsAllowed(get.Request.Range, Access.Read, author),
        Operation.Txn txn => txn.If.All(compare => IsAllowed(compare.Range, Access.Read, author))
            && txn.Then.Concat(txn.Else).All(inner => IsAllowed(inner, author)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private bool IsAllowed(LeaseId id, string author) =>
        !_leases.TryGetValue(id.Value, out var lease)
        || lease.Keys.All(name => IsAllowed(KeyRange.Single(Bytes.Of(name)), Access.Write, author));

    private bool IsAllowed(KeyRange range, Access access, string author)
    {
        List<Permission> permissions =
        [
            .. _users[author].Where(_roles.ContainsKey).SelectMany(role => _roles[role])
                .Where(permission => (permission.Access & access) == access),
        ];
        // No key is empty. A range that ends before it begins takes its start, as in etcd.
        var (start, end) = (range.Start.IsEmpty ? "\0" : Bytes.Name(range.Start), EndOf(range));

        // What is allowed ends at ends of permissions only, so a hole begins at one of them or at the start.
        IEnumerable<string> holes =
        [
            start,
            .. permissions.Select(permission => EndOf(permission.Range)).OfType<string>()
                .Where(name => string.CompareOrdinal(name, start) > 0 && (end is null || string.CompareOrdinal(name, end) < 0)),
        ];
        return holes.All(name => permissions.Exists(permission => IsIn(permission.Range, name)));
    }

    /// <summary>The first key behind a range; null when there is none.</summary>
    private static string? EndOf(KeyRange range) => range.Kind switch
    {
        KeyRangeKind.Single => Bytes.Name(range.Start) + '\0',
        KeyRangeKind.From => null,
        _ => Bytes.Name(range.End),
    };

    private bool IsRoot(string author) => _users.TryGetValue(author, out var roles) && roles.Contains("root");

    private ModelResult ExecuteRenewFor(Command.LeaseRenewFor renew)
    {
        List<long> ttls = [];
        foreach (var part in renew.Parts)
        {
            _context = _context with { Author = part.Author, Credential = part.Credential };
            var command = new Command.LeaseRenew(part.Ids);
            var code = RefusalOf(command);
            code = code == RejectionCode.None && !IsAllowed(command) ? RejectionCode.PermissionDenied : code;
            ttls.AddRange(code == RejectionCode.None
                ? ((OperationResult.LeaseRenewed)ExecuteRenew(command).Result).TtlSeconds
                : part.Ids.Select(_ => -(long)code));
        }

        return Accept(new OperationResult.LeaseRenewed(Revision, ttls));
    }

    private ModelResult ExecuteAuth(Command.AuthChange change)
    {
        var (code, counts) = Change(change);
        if (code != RejectionCode.None)
        {
            return Refuse(new Rejection(code));
        }

        _authRevision += counts ? 1 : 0;
        return Accept(new OperationResult.AuthChanged(Revision, _authRevision, 0));
    }

    /// <summary>Why not, and whether it counts as a change.</summary>
    private (RejectionCode Code, bool Counts) Change(Command.AuthChange change)
    {
        switch (change)
        {
            case Command.AuthEnable when !IsAuthOn && !_users.ContainsKey("root"):
                return (RejectionCode.RootUserMissing, false);
            case Command.AuthEnable when !IsAuthOn && !IsRoot("root"):
                return (RejectionCode.RootRoleMissing, false);
            case Command.AuthEnable:
                IsAuthOn = true;
                return (RejectionCode.None, false);
            case Command.AuthDisable:
                var wasOn = IsAuthOn;
                IsAuthOn = false;
                return (RejectionCode.None, wasOn);
            case Command.UserAdd add when _users.ContainsKey(add.Name):
                return (RejectionCode.UserExists, false);
            case Command.UserAdd add when !add.Roles.All(IsRole):
            case Command.UserSetRoles set when _users.ContainsKey(set.User) && !set.Roles.All(IsRole):
                return (RejectionCode.RoleNotFound, false);
            case Command.UserAdd add:
                _users[add.Name] = new SortedSet<string>(add.Roles, StringComparer.Ordinal);
                return (RejectionCode.None, true);
            case Command.UserDelete { Name: "root" } when IsAuthOn:
            case Command.UserSetRoles { User: "root" } revoked when IsAuthOn && !revoked.Roles.Contains("root"):
                return (RejectionCode.InvalidAuthManagement, false);
            case Command.UserDelete delete:
                return _users.Remove(delete.Name) ? (RejectionCode.None, true) : (RejectionCode.UserNotFound, false);
            case Command.UserSetRoles set when !_users.ContainsKey(set.User):
                return (RejectionCode.UserNotFound, false);
            case Command.UserSetRoles set:
                _users[set.User] = new SortedSet<string>(set.Roles, StringComparer.Ordinal);
                return (RejectionCode.None, true);
            case Command.RoleSet set:
                _roles[set.Name] = [.. set.Permissions.Where((permission, at) => !set.Permissions.Skip(at + 1).Any(later =>
                    later.IsOfRange(permission.Key.Span, permission.RangeEnd.Span)))];
                return (RejectionCode.None, true);
            case Command.RoleDelete delete:
                foreach (var roles in _users.Values)
                {
                    roles.Remove(_roles.ContainsKey(delete.Name) ? delete.Name : "");
                }

                return _roles.Remove(delete.Name) ? (RejectionCode.None, true) : (RejectionCode.RoleNotFound, false);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private bool IsRole(string name) => name == "root" || _roles.ContainsKey(name);
}
