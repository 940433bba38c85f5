using RestKv.Checkers.Model;
using RestKv.Checkers.Witness;
using RestKv.Core.Auth;
using RestKv.Core.Leases;
using RestKv.Core.Members;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Raft;

namespace RestKv.Simulator.Checks;

/// <summary>Whole states and their changes, as members show them, against the model's.</summary>
internal sealed partial class CommittedLog
{
    /// <summary>A member shows a state; <paramref name="from"/> is the last revision that was compared before.</summary>
    public void Compare(NodeId member, long applied, ReadView view, long from)
    {
        if (view.Revision != _revisionAfter[(int)applied] || view.CompactedRevision != _floorAfter[(int)applied])
        {
            throw new SimulationFailure(
                "I12",
                $"member {member} at index {applied} shows revision {view.Revision} over floor {view.CompactedRevision},"
                    + $" not {_revisionAfter[(int)applied]} over {_floorAfter[(int)applied]}");
        }

        CompareChanges(member, view, Math.Max(from + 1, view.CompactedRevision));
    }

    /// <summary>Compares every live key at the view's revision and at its floor.</summary>
    public void CompareState(NodeId member, ReadView view)
    {
        var floor = Math.Max(1, view.CompactedRevision);
        foreach (var revision in new[] { view.Revision, floor, (view.Revision + floor) / 2 })
        {
            var expected = Model.Live(KeyRange.All, revision);
            var cursor = view.Scan(KeyRange.All, revision);
            var i = 0;
            while (cursor.MoveNext())
            {
                var difference = i < expected.Count
                    ? ReplyComparison.Differ(expected[i], cursor.Current)
                    : $"unexpected {ReplyComparison.Show(cursor.Current)}";
                if (difference is not null)
                {
                    throw new SimulationFailure("I15", $"member {member} at revision {revision}: {difference}");
                }

                i++;
            }

            if (i != expected.Count)
            {
                throw new SimulationFailure("I15", $"member {member} at revision {revision} misses {ReplyComparison.Show(expected[i])}");
            }
        }
    }

    /// <summary>Compares the leases: who has how long, until when, and which keys.</summary>
    public void CompareLeases(NodeId member, long applied, LeaseTable leases)
    {
        List<ReadOnlyMemory<byte>> keys = [];
        var found = leases.ToArray().OrderBy(lease => lease.Id.Value).Select(lease =>
        {
            keys.Clear();
            leases.CollectKeys(lease.Id, keys);
            return new ModelLeaseState(lease.Id.Value, lease.TtlSeconds, lease.DeadlineMs, keys.Count);
        }).ToArray();
        if (!found.AsSpan().SequenceEqual(_leasesAfter[(int)applied]))
        {
            throw new SimulationFailure(
                "I30",
                $"member {member} at index {applied} has leases {string.Join(' ', found)}, "
                + $"not {string.Join(' ', _leasesAfter[(int)applied])}");
        }
    }

    /// <summary>Compares the list of members, removed ones included.</summary>
    public void CompareMembers(NodeId member, long applied, MemberList list)
    {
        var (found, expected) = (MemberLedger.Describe(list), Members.At(applied));
        if (found != expected)
        {
            throw new SimulationFailure("I30", $"member {member} at index {applied} has members {found}, not {expected}");
        }
    }

    /// <summary>Compares users, roles, and whether they count (I31): what a member judges by is what the entries before it say.</summary>
    public void CompareAuth(NodeId member, long applied, AuthTable table)
    {
        var (found, expected) = (KvModel.DescribeAuth(table), _authAfter[(int)applied]);
        if (found != expected)
        {
            throw new SimulationFailure("I31", $"member {member} at index {applied} has rights {found}, not {expected}");
        }
    }

    private void CompareChanges(NodeId member, ReadView view, long from)
    {
        using var expected = Model.ChangesBetween(from, view.Revision).GetEnumerator();
        var cursor = view.Changes(from);
        while (cursor.MoveNext())
        {
            var change = cursor.Current;
            if (!expected.MoveNext())
            {
                throw new SimulationFailure("I12", $"member {member} has a change at {change.KeyValue.ModRevision} too many");
            }

            if (ReplyComparison.Differ(expected.Current, change) is { } difference)
            {
                throw new SimulationFailure("I12", $"member {member}: change at {change.KeyValue.ModRevision}: {difference}");
            }
        }

        if (expected.MoveNext())
        {
            throw new SimulationFailure("I12", $"member {member} misses {ReplyComparison.Show(expected.Current)}");
        }
    }
}
