using System.Collections.Immutable;

namespace RestKv.Core.Auth;

/// <summary>A name for permissions. Immutable.</summary>
/// <param name="Permissions">In the order of their keys; those of one key in the order in which they were granted, as etcd lists them.</param>
public sealed record AuthRole(string Name, ImmutableArray<Permission> Permissions)
{
    /// <summary>Allows everything, whatever its permissions; it may be granted without being made.</summary>
    public const string RootName = "root";

    /// <summary>Adds a permission, or puts it in the place of the one with the same range.</summary>
    public AuthRole With(in Permission permission)
    {
        var at = 0;
        for (var i = 0; i < Permissions.Length; i++)
        {
            if (Permissions[i].IsOfRange(permission.Key.Span, permission.RangeEnd.Span))
            {
                return this with { Permissions = Permissions.SetItem(i, permission) };
            }

            if (Permissions[i].Key.Span.SequenceCompareTo(permission.Key.Span) <= 0)
            {
                at = i + 1;
            }
        }

        return this with { Permissions = Permissions.Insert(at, permission) };
    }

    /// <summary>Null when it has no permission of just this range.</summary>
    public AuthRole? Without(ReadOnlySpan<byte> key, ReadOnlySpan<byte> rangeEnd)
    {
        for (var i = 0; i < Permissions.Length; i++)
        {
            if (Permissions[i].IsOfRange(key, rangeEnd))
            {
                return this with { Permissions = Permissions.RemoveAt(i) };
            }
        }

        return null;
    }
}
