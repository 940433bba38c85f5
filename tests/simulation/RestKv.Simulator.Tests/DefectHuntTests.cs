using RestKv.Raft;
using RestKv.Simulator.Engine;
using Xunit.Abstractions;

namespace RestKv.Simulator.Tests;

/// <summary>
/// Every defect, in the same seeds each time. How far the first that finds it is from the last that may is told by the command
/// line's --hunt, which hunts several times. Only in debug builds:
/// release builds have no defects to plant, and leave this file out.
/// </summary>
[Collection(OneAtATime.Name)]
public sealed class DefectHuntTests(ITestOutputHelper output)
{
    private const int SeedsMax = 500;

    public static TheoryData<string> Hunted => [.. Enum.GetNames<Defect>().Where(name => name != nameof(Defect.None))];

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
