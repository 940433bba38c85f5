namespace RestKv.Raft;

/// <summary>
/// Majority arithmetic over plain numbers, and nothing else: commit indexes, read rounds and silent ticks are all "the
/// highest value that a majority has reached". The joint forms take two sets of voters, as joint consensus would need;
/// today's changes move one voter at a time, so the outgoing set is empty.
/// </summary>
internal static class Quorum
{
    /// <summary>
    /// The highest value that a majority of <paramref name="values"/> has reached. Sorts in place. An empty set asks for
    /// nothing, hence <see cref="long.MaxValue"/>: the missing half of a joint quorum holds nobody back.
    /// </summary>
    public static long Reached(Span<long> values)
    {
        if (values.IsEmpty)
        {
            return long.MaxValue;
        }

        // Insertion sort: groups have a handful of members, and the numbers are nearly equal most of the time.
        for (var i = 1; i < values.Length; i++)
        {
            var value = values[i];
            var slot = i;
            for (; slot > 0 && values[slot - 1] > value; slot--)
            {
                values[slot] = values[slot - 1];
            }

            values[slot] = value;
        }

        var majority = (values.Length / 2) + 1;
        return values[^majority];
    }

    /// <summary>The highest value that both sets have reached by majority.</summary>
    public static long Reached(Span<long> incoming, Span<long> outgoing) =>
        Math.Min(Reached(incoming), Reached(outgoing));

    /// <summary>Where an election stands.</summary>
    public static VoteOutcome Tally(ReadOnlySpan<Ballot> ballots)
    {
        if (ballots.IsEmpty)
        {
            return VoteOutcome.Won;
        }

        var granted = 0;
        var missing = 0;
        foreach (var ballot in ballots)
        {
            granted += ballot == Ballot.Granted ? 1 : 0;
            missing += ballot == Ballot.Missing ? 1 : 0;
        }

        var majority = (ballots.Length / 2) + 1;
        if (granted >= majority)
        {
            return VoteOutcome.Won;
        }

        return granted + missing >= majority ? VoteOutcome.Pending : VoteOutcome.Lost;
    }

    /// <summary>Where a joint election stands: won only when both halves are won, lost when either is.</summary>
    public static VoteOutcome Tally(ReadOnlySpan<Ballot> incoming, ReadOnlySpan<Ballot> outgoing)
    {
        var first = Tally(incoming);
        var second = Tally(outgoing);
        if (first == VoteOutcome.Lost || second == VoteOutcome.Lost)
        {
            return VoteOutcome.Lost;
        }

        return first == VoteOutcome.Won && second == VoteOutcome.Won ? VoteOutcome.Won : VoteOutcome.Pending;
    }
}

/// <summary>What one voter has said in the election that is going on.</summary>
internal enum Ballot : byte
{
    Missing = 0,
    Granted = 1,
    Rejected = 2,
}

/// <summary>Where an election stands.</summary>
internal enum VoteOutcome : byte
{
    Pending = 0,
    Won = 1,
    Lost = 2,
}
