using RestKv.Raft;
using RestKv.Simulator.Engine;

namespace RestKv.Simulator.Tests;

[Collection(OneAtATime.Name)]
public sealed class ShrinkerTests
{
    [Fact]
    public void A_failing_run_shrinks_to_what_it_takes_and_tells_how_to_see_it_again()
    {
        if (!DefectHunt.IsPossible)
        {
            return;
        }

        var (_, found) = DefectHunt.Hunt(Defect.CountDeleteAsVersion, 1, 20);
        Assert.NotNull(found);
        Defects.Active = Defect.CountDeleteAsVersion;
        try
        {
            var shrunk = Shrinker.Shrink(found);
            using var text = new StringWriter();
            FailureReport.Write(found, text);

            Assert.Equal(FaultClasses.None, shrunk.Result.Options.Faults);
            Assert.False(shrunk.Result.IsGood);
            Assert.Contains($"--seed {found.Options.Seed}", text.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Defects.Active = Defect.None;
        }
    }
}
