namespace RestKv.Raft;

/// <summary>
/// The memberships written in the log from the last snapshot on. The newest one is in force from the moment it is
/// appended (Raft section 6) and goes away with its entry when that is truncated. Owned by <see cref="RaftCore"/>.
/// </summary>
internal sealed class MembershipHistory(LogIndex index, Membership membership)
{
    private LogIndex _committed;

    /// <summary>In log order; never empty.</summary>
    private readonly List<(LogIndex Index, Membership Membership)> _items = [(index, membership)];

    public Membership Current =>
        Defects.Has(Defect.ApplyMembershipAtCommit) && _items.Count > 1 && CurrentIndex > _committed ? Previous : _items[^1].Membership;

    /// <summary>Where the membership in force was appended.</summary>
    public LogIndex CurrentIndex => _items[^1].Index;

    /// <summary>What would be in force again if the newest one were truncated; the newest itself when it is the only one.</summary>
    public Membership Previous => _items.Count > 1 ? _items[^2].Membership : Current;

    /// <summary>Of <see cref="Defect.ApplyMembershipAtCommit"/> alone; true when the membership in force changed by it.</summary>
    public bool CommittedTo(LogIndex index)
    {
        var isInForce = Defects.Has(Defect.ApplyMembershipAtCommit) && CurrentIndex > _committed && CurrentIndex <= index;
        _committed = index;
        return isInForce;
    }

    public void Add(LogIndex index, Membership membership)
    {
        Invariant.Check(index > CurrentIndex);
        _items.Add((index, membership));
    }

    /// <summary>Rolls back to before <paramref name="first"/>; true when the membership in force changed.</summary>
    public bool TruncateFrom(LogIndex first)
    {
        var before = _items.Count;
        while (_items.Count > 1 && CurrentIndex >= first)
        {
            _items.RemoveAt(_items.Count - 1);
        }

        return _items.Count != before;
    }

    /// <summary>The membership in force at <paramref name="index"/>, which must not lie before the last compaction.</summary>
    public Membership At(LogIndex index)
    {
        Invariant.Check(index >= _items[0].Index);
        for (var i = _items.Count - 1; i > 0; i--)
        {
            if (_items[i].Index <= index)
            {
                return _items[i].Membership;
            }
        }

        return _items[0].Membership;
    }

    /// <summary>Forgets what was no longer in force at <paramref name="index"/>.</summary>
    public void Compact(LogIndex index)
    {
        while (_items.Count > 1 && _items[1].Index <= index)
        {
            _items.RemoveAt(0);
        }
    }

    public void Reset(LogIndex index, Membership membership)
    {
        _items.Clear();
        _items.Add((index, membership));
    }
}
