using RestKv.Raft.Tests.Support;

namespace RestKv.Raft.Tests;

/// <summary>Seeded faults against the whole protocol; a failing seed is named and replays exactly.</summary>
public sealed class RandomClusterTests
{
    private const int Steps = 6000;
    private const int SeedsEach = 100;
    private const int SituationsMin = 15;
    private const int RecoveryTicksMax = 300;

    /// <summary>Set to a number to run that many blocks of seeds; the default fits the unit tier.</summary>
    private const string BlocksVariable = "RESTKV_SEED_BLOCKS";

    private const int BlocksDefault = 3;

    public static TheoryData<int> FirstSeeds =>
    [
        .. Enumerable.Range(0, int.TryParse(Environment.GetEnvironmentVariable(BlocksVariable), out var blocks) ? blocks : BlocksDefault)
            .Select(block => 1 + (block * SeedsEach)),
    ];

    [Theory]
    [MemberData(nameof(FirstSeeds))]
    public void Safety_holds_under_faults_and_the_group_recovers_after_them(int firstSeed)
    {
        var committed = 0;
        var reached = new SortedDictionary<string, int>();
        for (var seed = firstSeed; seed < firstSeed + SeedsEach; seed++)
        {
            var cluster = new RandomCluster((ulong)seed);
            var failure = Record.Exception(() =>
            {
                cluster.Run(Steps);
                cluster.MustRecover(RecoveryTicksMax);
            });
            Assert.True(failure is null, $"seed {seed}: {failure}");
            committed += cluster.Checks.CommittedCount;
            foreach (var (situation, count) in cluster.Sometimes)
            {
                reached[situation] = reached.GetValueOrDefault(situation) + count;
            }
        }

        // A run in which nothing happens proves nothing. The rarest situations may be missing from a block, but not from the first.
        Assert.True(committed > SeedsEach * 20, $"only {committed} entries were committed");
        if (firstSeed == 1)
        {
            Assert.True(reached.Count >= SituationsMin, string.Join(", ", reached.Select(pair => $"{pair.Key}: {pair.Value}")));
            Assert.All(reached, situation => Assert.True(situation.Value > 0, $"never: {situation.Key}"));
        }
    }
}
