using RestKv.Core.Model;

namespace RestKv.Core.Auth;

/// <summary>What somebody may do: the union of permissions, ready to be asked. Immutable, so any thread may ask.</summary>
public sealed class AccessRights
{
    public static readonly AccessRights None = new(KeySet.Empty, KeySet.Empty, KeySet.Empty, isRoot: false);

    /// <summary>Everything, users and roles included.</summary>
    public static readonly AccessRights Root = new(KeySet.All, KeySet.All, KeySet.All, isRoot: true);

    private readonly KeySet _admin;

    private AccessRights(KeySet read, KeySet write, KeySet admin, bool isRoot) =>
        (Read, Write, _admin, IsRoot) = (read, write, admin, isRoot);

    public KeySet Read { get; }

    public KeySet Write { get; }

    public bool IsRoot { get; }

    /// <summary>May run the cluster.</summary>
    public bool IsAdmin => _admin.IsAll;

    public static AccessRights Of(IReadOnlyCollection<Permission> permissions) => permissions.Count == 0 ? None : new(
        Union(permissions, Access.Read), Union(permissions, Access.Write), Union(permissions, Access.Admin), isRoot: false);

    private static KeySet Union(IReadOnlyCollection<Permission> permissions, Access access) =>
        KeySet.Of(permissions.Where(permission => (permission.Access & access) == access).Select(permission => permission.Range));
}
