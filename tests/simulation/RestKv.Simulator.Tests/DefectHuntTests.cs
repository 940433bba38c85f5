using RestKv.Raft;
using RestKv.Simulator.Engine;
using Xunit.Abstractions;

namespace RestKv.Simulator.Tests;

/// <summary>
/// Most defects with a small budget; all of them, with 500 seeds each, by the command line's --hunt. Only in debug builds:
/// release builds have no defects to plant, and leave this file out.
/// </summary>
[Collection(OneAtATime.Name)]
public sealed class DefectHuntTests(ITestOutputHelper output)
{
    private const int SeedsMax = 120;

    public static TheoryData<string> Hunted =>
    [
        nameof(Defect.CommitBeforeOwnFlush),
        nameof(Defect.ForgetVote),
        nameof(Defect.ReadWithoutRound),
        nameof(Defect.SendForwardAgain),
        nameof(Defect.TakeForwardTwice),
        nameof(Defect.InstallKeepsLeases),
        nameof(Defect.TrimLogTooFar),
        nameof(Defect.SkipLogSync),
        nameof(Defect.SkipDirectorySync),
        nameof(Defect.SkipSnapshotSync),
        nameof(Defect.ForgetLeasesInSnapshot),
        nameof(Defect.ForgetOutcomesInSnapshot),
        nameof(Defect.CompactNeededVersion),
        nameof(Defect.CountDeleteAsVersion),
        nameof(Defect.PageForgetsMore),
        nameof(Defect.CompareValueOfMissingKey),
        nameof(Defect.ReadNewestInsteadOfPast),
        nameof(Defect.ApplyRetryTwice),
        nameof(Defect.ExpireEarly),
        nameof(Defect.ExpireDespiteRenewal),
        nameof(Defect.RenewNothing),
        nameof(Defect.RevokeLeavesLastKey),
        nameof(Defect.KeepLeaseOnOverwrite),
        nameof(Defect.LetWallTimeGoBack),
        nameof(Defect.BookmarkTooFar),
        nameof(Defect.SplitRevision),
        nameof(Defect.LoseEventOnDemotion),
        nameof(Defect.LoseEventOnJoin),
    ];

    [Theory]
    [MemberData(nameof(Hunted))]
    public void Is_found(string name)
    {
        Assert.True(DefectHunt.IsPossible);

        var (runs, found) = DefectHunt.Hunt(Enum.Parse<Defect>(name), 1, SeedsMax);

        output.WriteLine($"{name}: {runs} seeds, {found?.Violations[0]}");
        Assert.NotNull(found);
    }

    [Fact]
    public void Nothing_is_planted_otherwise() => Assert.False(Defects.Has(Defect.CommitBeforeOwnFlush) || Defects.Active != Defect.None);
}
