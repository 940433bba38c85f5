using RestKv.Raft.Tests.Support;

namespace RestKv.Raft.Tests;

/// <summary>Quorum arithmetic against the dumbest possible twin: try every value, count heads.</summary>
public sealed class QuorumTests
{
    private const int Rounds = 20_000;

    [Fact]
    public void Reached_is_what_counting_heads_says()
    {
        var random = new SplitMix64(1);
        for (var round = 0; round < Rounds; round++)
        {
            var incoming = Values(random, 1 + random.Next(7));
            var outgoing = Values(random, random.Next(7));

            var expected = Math.Min(CountHeads(incoming), CountHeads(outgoing));

            Assert.Equal(CountHeads(incoming), Quorum.Reached([.. incoming]));
            Assert.Equal(expected, Quorum.Reached([.. incoming], [.. outgoing]));
        }
    }

    [Fact]
    public void Tally_is_what_trying_every_outcome_says()
    {
        var random = new SplitMix64(2);
        for (var round = 0; round < Rounds; round++)
        {
            var incoming = Ballots(random, 1 + random.Next(7));
            var outgoing = Ballots(random, random.Next(6));

            Assert.Equal(TryAll(incoming, []), Quorum.Tally(incoming));
            Assert.Equal(TryAll(incoming, outgoing), Quorum.Tally(incoming, outgoing));
        }
    }

    [Fact]
    public void Any_two_majorities_of_neighbouring_memberships_meet()
    {
        // I9: what makes one change at a time safe without joint consensus.
        for (var size = 1; size <= 6; size++)
        {
            var before = Enumerable.Range(0, size).ToArray();
            var after = Enumerable.Range(0, size + 1).ToArray();
            foreach (var first in Majorities(before))
            {
                foreach (var second in Majorities(after))
                {
                    Assert.True((first & second) != 0, $"{size}: {first:b} and {second:b} do not meet");
                }
            }
        }
    }

    private static IEnumerable<int> Majorities(int[] members)
    {
        var quorum = new Membership([.. members.Select(member => Group.Node(member + 1))], []).Quorum;
        for (var set = 0; set < 1 << members.Length; set++)
        {
            if (int.PopCount(set) >= quorum)
            {
                yield return set;
            }
        }
    }

    private static long[] Values(SplitMix64 random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (long)random.Next(6))];

    private static Ballot[] Ballots(SplitMix64 random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (Ballot)random.Next(3))];

    private static long CountHeads(long[] values)
    {
        if (values.Length == 0)
        {
            return long.MaxValue;
        }

        var best = long.MinValue;
        foreach (var candidate in values)
        {
            if (2 * values.Count(value => value >= candidate) > values.Length)
            {
                best = Math.Max(best, candidate);
            }
        }

        return best;
    }

    private static VoteOutcome TryAll(Ballot[] incoming, Ballot[] outgoing)
    {
        var could = Wins(incoming, missing: true) && Wins(outgoing, missing: true);
        var must = Wins(incoming, missing: false) && Wins(outgoing, missing: false);
        return must ? VoteOutcome.Won : could ? VoteOutcome.Pending : VoteOutcome.Lost;
    }

    private static bool Wins(Ballot[] ballots, bool missing) =>
        ballots.Length == 0
        || 2 * ballots.Count(ballot => ballot == Ballot.Granted || (missing && ballot == Ballot.Missing)) > ballots.Length;
}
