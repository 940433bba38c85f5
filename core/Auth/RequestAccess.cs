using RestKv.Core.Commands;
using RestKv.Core.Leases;
using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Core.Auth;

/// <summary>
/// Which keys a request touches, and how: the one place that knows. It walks the whole tree, for a path that is not looked at is
/// a way around: compares and both branches read or write although they may not run, previous values are read, and whoever
/// attaches a key to a lease, or ends it, decides over all keys attached to it.
/// </summary>
public static class RequestAccess
{
    /// <summary>The first right that is missing for a write; null when all are there.</summary>
    /// <param name="leases">Null leaves leases out, for whoever cannot see them and only wants to name what is missing.</param>
    public static MissingRight? Missing(Operation operation, in Authority authority, LeaseTable? leases)
    {
        if (authority.IsRoot)
        {
            return null;
        }

        switch (operation)
        {
            case Operation.Put put:
                var key = KeyRange.Single(put.Key);
                return MissingWrite(key, authority) ?? (put.ReturnPrevious ? MissingRead(key, authority) : null)
                    ?? MissingLease(put.Lease, authority, leases);
            case Operation.Delete delete:
                return MissingWrite(delete.Range, authority) ?? (delete.ReturnPrevious ? MissingRead(delete.Range, authority) : null);
            case Operation.Get get:
                return MissingRead(get.Request.Range, authority);
            case Operation.Txn txn:
                return MissingTxn(txn, authority, leases);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    public static MissingRight? MissingRead(in KeyRange range, in Authority authority) =>
        authority.CanRead(range) ? null : new MissingRight(Access.Read, range);

    public static MissingRight? MissingWrite(in KeyRange range, in Authority authority) =>
        authority.CanWrite(range) ? null : new MissingRight(Access.Write, range);

    /// <summary>What is done to a lease is done to all keys attached to it.</summary>
    public static MissingRight? MissingLease(LeaseId id, in Authority authority, LeaseTable? leases) =>
        id.IsNone || leases is null || authority.IsRoot
            || ((authority.Rights.IsRoot || leases.AllKeysAreIn(id, authority.Rights.Write))
                && (authority.Scope is null || leases.AllKeysAreIn(id, authority.Scope.Write)))
            ? null
            : new MissingRight(Access.Write, default) { Lease = id };

    /// <summary>Depth is bounded by the codec (<see cref="CommandCodec.DepthMax"/>).</summary>
    private static MissingRight? MissingTxn(Operation.Txn txn, in Authority authority, LeaseTable? leases)
    {
        foreach (var compare in txn.If)
        {
            if (MissingRead(compare.Range, authority) is { } missing)
            {
                return missing;
            }
        }

        foreach (var operation in txn.Then)
        {
            if (Missing(operation, authority, leases) is { } missing)
            {
                return missing;
            }
        }

        foreach (var operation in Defects.Has(Defect.LookAwayFromElse) ? [] : txn.Else)
        {
            if (Missing(operation, authority, leases) is { } missing)
            {
                return missing;
            }
        }

        return null;
    }
}

/// <summary>A right that somebody has not.</summary>
public readonly record struct MissingRight(Access Access, KeyRange Range)
{
    /// <summary>Set when it is the keys of a lease; they are not named, for whoever may not write them may not know them.</summary>
    public LeaseId Lease { get; init; }
}
