using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Checkers.Model;

public sealed partial class KvModel
{
    /// <summary>Given to a lease whose real id nobody saw, so that nothing the store shows can be mistaken for it.</summary>
    private long _unseenLease = long.MinValue;

    private long Deadline(long ttlSeconds) => _context.ClusterMs + (ttlSeconds * 1000);

    private LeaseId ChooseLease() => _chosenUsed < _context.ChosenLeases.Count
        ? _context.ChosenLeases[_chosenUsed++]
        : new LeaseId(_unseenLease++);

    private void Detach(string name, LeaseId id)
    {
        if (id.IsNone || !_leases.TryGetValue(id.Value, out var lease))
        {
            return;
        }

        lease.Keys.Remove(name);
    }

    /// <summary>A lease made by a put lives as long as it has a key; what a request does in between does not count.</summary>
    private void EndEmptyOwnLeases()
    {
        foreach (var (id, _) in _leases.Where(pair => pair.Value is { IsOwn: true, Keys.Count: 0 }).ToList())
        {
            _leases.Remove(id);
            _endedLeases.Add((new LeaseId(id), DeleteCause.Delete));
        }
    }

    private ModelResult ExecuteGrant(Command.LeaseGrant grant)
    {
        var id = grant.Id.IsNone ? ChooseLease() : grant.Id;
        if (_leases.ContainsKey(id.Value))
        {
            return Refuse(new Rejection(RejectionCode.LeaseExists, id.Value));
        }

        _leases.Add(id.Value, new ModelLease(grant.TtlSeconds, Deadline(grant.TtlSeconds), isOwn: false));
        return Accept(new OperationResult.LeaseGranted(Revision, id, grant.TtlSeconds));
    }

    private ModelResult ExecuteRenew(Command.LeaseRenew renew)
    {
        List<long> ttls = [];
        foreach (var id in renew.Ids)
        {
            if (_leases.TryGetValue(id.Value, out var lease))
            {
                lease.DeadlineMs = Deadline(lease.TtlSeconds);
                ttls.Add(lease.TtlSeconds);
            }
            else
            {
                ttls.Add(0);
            }
        }

        return Accept(new OperationResult.LeaseRenewed(Revision, ttls));
    }

    private ModelResult ExecuteRevoke(Command.LeaseRevoke revoke) => _leases.ContainsKey(revoke.Id.Value)
        ? Accept(EndLease(revoke.Id, DeleteCause.Revoke))
        : Refuse(new Rejection(RejectionCode.LeaseNotFound, revoke.Id.Value));

    /// <summary>An expiry counts only if the deadline has passed at this entry's cluster time: a renewal logged first wins.</summary>
    private ModelResult ExecuteExpire(Command.LeaseExpire expire)
    {
        var isDue = _leases.TryGetValue(expire.Id.Value, out var lease) && lease.DeadlineMs <= _context.ClusterMs;
        return Accept(isDue ? EndLease(expire.Id, DeleteCause.Expire) : new OperationResult.LeaseRevoked(Revision, 0));
    }

    /// <summary>All keys of the lease go in key order, in one revision.</summary>
    private OperationResult.LeaseRevoked EndLease(LeaseId id, DeleteCause cause)
    {
        var names = _leases[id.Value].Keys.ToArray();
        foreach (var name in names)
        {
            if (Find(name, Revision) is { } entry)
            {
                Remove(entry, cause);
            }
        }

        _leases.Remove(id.Value);
        _endedLeases.RemoveAll(ended => ended.Id == id);
        _endedLeases.Add((id, cause));
        return new OperationResult.LeaseRevoked(Revision, names.Length);
    }
}
