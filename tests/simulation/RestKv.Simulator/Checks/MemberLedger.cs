using System.Globalization;
using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Raft;

namespace RestKv.Simulator.Checks;

/// <summary>
/// The member list as its rules tell it, kept by replaying the committed changes: what each must have answered, what the list
/// is after each entry. An id is given once and never again.
/// </summary>
internal sealed class MemberLedger
{
    private readonly SortedDictionary<long, Row> _rows = [];
    private readonly SortedSet<long> _removed = [];
    private readonly HashSet<long> _everUsed = [];

    /// <summary>Lists by the entry that made them, in log order.</summary>
    private readonly List<(long Index, string List)> _lists = [(0, "removed")];

    public IReadOnlyCollection<long> Removed => _removed;

    public int Count => _rows.Count;

    /// <summary>What the machine must answer: a refusal's code, or none, and the member it is about.</summary>
    public (RejectionCode? Refusal, NodeId Id) Apply(Command.MemberChange change, long index)
    {
        var answer = change switch
        {
            Command.MemberAdd add => Add(add, index),
            Command.MemberAnnounce announce => Announce(announce),
            Command.MemberUpdate update => Update(update),
            Command.MemberPromote promote => Promote(promote.Id),
            Command.MemberRemove remove => Remove(remove.Id),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        Note(index);
        return answer;
    }

    /// <summary>A member has said what its state was at an index: its disk held the log up to there.</summary>
    /// <param name="start">The start of the member that says so; what an earlier one said late is of no account.</param>
    public void Reported(Command.StateReport report, long start, long index)
    {
        if (!_rows.TryGetValue(report.Member.Value, out var row) || start < row.HeldStart)
        {
            return;
        }

        _rows[report.Member.Value] = row with
        {
            HeldStart = start,
            HeldBefore = start > row.HeldStart ? row.Held : row.HeldBefore,
            Held = Math.Max(row.Held, report.Index),
        };
        Note(index);
    }

    /// <summary>The list after an entry.</summary>
    public string At(long index)
    {
        var i = _lists.Count - 1;
        while (_lists[i].Index > index)
        {
            i--;
        }

        return _lists[i].List;
    }

    public static string Describe(MemberList list) => string.Join(
        ' ',
        list.Members.Select(member => Show(
            member.Id.Value, member.Name, member.PeerUrls, member.Wanted, member.StoreId, member.Replaces.Value,
            member.Incarnation, member.Life, (member.Held.Incarnation, member.Held.Before, member.Held.Index)))
            .Append("removed").Concat(list.Removed.Select(id => id.ToString())));

    private static string Show(
        long id,
        string name,
        IEnumerable<string> urls,
        MemberRole wanted,
        long store,
        long replaces,
        long start,
        long life,
        (long Start, long Before, long Index) held) =>
        string.Create(CultureInfo.InvariantCulture, $"{id:x}={name}@{string.Join(',', urls)}/{wanted}/{store:x}/{replaces:x}/")
            + string.Create(CultureInfo.InvariantCulture, $"{start}/{life:x}/{held}");

    private void Note(long index)
    {
        var text = Describe();
        if (text != _lists[^1].List)
        {
            _lists.Add((index, text));
        }
    }

    private string Describe() => string.Join(
        ' ',
        _rows.Select(pair => Show(
            pair.Key, pair.Value.Name, pair.Value.Urls, pair.Value.Wanted, pair.Value.Store, pair.Value.Replaces,
            pair.Value.Start, pair.Value.Life, (pair.Value.HeldStart, pair.Value.HeldBefore, pair.Value.Held)))
            .Append("removed").Concat(_removed.Select(id => new NodeId(id).ToString())));

    private (RejectionCode?, NodeId) Add(Command.MemberAdd add, long index)
    {
        if (_rows.ContainsKey(add.Id.Value) || _removed.Contains(add.Id.Value) || IsTaken(add.Name, add.PeerUrls, add.Id.Value, add.Replaces.Value))
        {
            return (RejectionCode.MemberExists, default);
        }

        if (!add.Replaces.IsNone && !_rows.ContainsKey(add.Replaces.Value))
        {
            return (RejectionCode.MemberNotFound, default);
        }

        var id = add.Id.IsNone ? Draw(index) : add.Id.Value;
        if (!_everUsed.Add(id))
        {
            throw new SimulationFailure("I9", $"member id {id:x} is given a second time at entry {index}");
        }

        _rows.Add(id, new Row(add.Name, [.. add.PeerUrls], add.Wanted, 0, add.Replaces.Value));
        return (null, new NodeId(id));
    }

    private bool IsTaken(string name, IEnumerable<string> urls, long self, long replaces) => _rows.Any(pair =>
        pair.Key != self && pair.Key != replaces && (pair.Value.Name == name || pair.Value.Urls.Intersect(urls).Any()));

    /// <summary>The id that the machine draws from an entry's index, used ones left out.</summary>
    private long Draw(long index)
    {
        var draw = new SplitMix64(~(ulong)index);
        while (true)
        {
            var id = (long)(draw.Next() & long.MaxValue);
            if (id != 0 && !_everUsed.Contains(id))
            {
                return id;
            }
        }
    }

    private (RejectionCode?, NodeId) Announce(Command.MemberAnnounce announce)
    {
        if (!_rows.TryGetValue(announce.Id.Value, out var row))
        {
            return (RejectionCode.MemberNotFound, default);
        }

        if (row.Store != 0 && row.Store != announce.StoreId)
        {
            return (RejectionCode.MemberWiped, default);
        }

        if (announce.Incarnation < row.Start || (announce.Incarnation == row.Start && row.Life != 0 && announce.Life != row.Life))
        {
            return (RejectionCode.MemberRolledBack, default);
        }

        var isFree = !IsTaken(announce.Name, [], announce.Id.Value, row.Replaces);
        _rows[announce.Id.Value] = row with
        {
            Name = isFree ? announce.Name : row.Name,
            Store = announce.StoreId,
            Start = announce.Incarnation,
            Life = announce.Life,
        };
        return (null, announce.Id);
    }

    private (RejectionCode?, NodeId) Update(Command.MemberUpdate update)
    {
        if (!_rows.TryGetValue(update.Id.Value, out var row))
        {
            return (RejectionCode.MemberNotFound, default);
        }

        if (_rows.Any(pair => pair.Key != update.Id.Value && pair.Key != row.Replaces && pair.Value.Urls.Intersect(update.PeerUrls).Any()))
        {
            return (RejectionCode.MemberExists, default);
        }

        _rows[update.Id.Value] = row with { Urls = [.. update.PeerUrls] };
        return (null, update.Id);
    }

    private (RejectionCode?, NodeId) Promote(NodeId id)
    {
        if (!_rows.TryGetValue(id.Value, out var row))
        {
            return (RejectionCode.MemberNotFound, default);
        }

        _rows[id.Value] = row with { Wanted = MemberRole.Voter };
        return (null, id);
    }

    private (RejectionCode?, NodeId) Remove(NodeId id)
    {
        if (!_rows.TryGetValue(id.Value, out var row))
        {
            return (RejectionCode.MemberNotFound, default);
        }

        if (row.Wanted == MemberRole.Voter && _rows.Values.Count(other => other.Wanted == MemberRole.Voter) == 1)
        {
            return (RejectionCode.LastVoter, default);
        }

        _rows.Remove(id.Value);
        _removed.Add(id.Value);
        return (null, id);
    }

    private sealed record Row(string Name, IReadOnlyList<string> Urls, MemberRole Wanted, long Store, long Replaces)
    {
        public long Start { get; init; }

        public long Life { get; init; }

        public long Held { get; init; }

        public long HeldStart { get; init; }

        public long HeldBefore { get; init; }
    }
}
