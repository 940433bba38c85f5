using System.Globalization;
using RestKv.Raft;

namespace RestKv.Simulator.Engine;

/// <summary>Tells all there is to a failed run: what broke, how to see it again, what it takes, and how it ended.</summary>
public static class FailureReport
{
    private const int ViolationsShown = 8;

    public static void Write(RunResult result, TextWriter output)
    {
        var seed = result.Options.Seed.ToString(CultureInfo.InvariantCulture);
        output.WriteLine($"=== seed {seed} failed");
        foreach (var violation in result.Violations.Take(ViolationsShown))
        {
            output.WriteLine($"  {violation}");
        }

        output.WriteLine($"build:   {(DefectHunt.IsPossible ? $"debug, defect {Defects.Active}" : "release")}, trace {result.TraceHash:x16}");
        output.WriteLine($"options: {result.Options}");
        output.WriteLine(
            $"replay:  dotnet run -c Release --project tests/simulation/RestKv.Simulator -- --seed {seed}"
            + $" --members {result.Options.Members} --trace");
        var shrunk = Shrinker.Shrink(result);
        var changes = OptionChanges.Between(SimulationOptions.FromSeed(result.Options.Seed), shrunk.Result.Options);
        output.WriteLine($"still fails with: {shrunk.Describe()}");
        output.WriteLine($"run that with: --seed {seed} --set \"{changes}\" --trace");
        output.WriteLine("last events:");
        output.WriteLine(result.LastEvents);
    }
}
