using System.Diagnostics;
using System.Globalization;
using RestKv.Raft;

namespace RestKv.Simulator.Engine;

/// <summary>
/// Proof that the simulator bites: plants one known wrong behaviour after the other and counts the seeds until a run
/// fails. What no seed finds would be a hole in traffic, faults or checks.
/// </summary>
public static class DefectHunt
{
    /// <summary>False in release builds, where there is nothing to plant.</summary>
    public static bool IsPossible => Defects.AreCompiledIn;

    /// <summary>Returns the result of the first seed that fails with the defect planted, and how many were run.</summary>
    internal static (int Runs, RunResult? Found) Hunt(Defect defect, ulong from, int seedsMax)
    {
        Invariant.Check(IsPossible);
        Defects.Active = defect;
        try
        {
            for (var i = 0; i < seedsMax; i++)
            {
                // Several members only where one alone cannot show it.
                var options = SimulationOptions.FromSeed(from + (ulong)i, NeedsMembers(defect) ? 3 : 1);
                if (Simulation.Run(options) is { IsGood: false } found)
                {
                    return (i + 1, found);
                }
            }
        }
        finally
        {
            Defects.Active = Defect.None;
        }

        return (seedsMax, null);
    }

    /// <param name="only">Number of the one defect to hunt; 0 hunts all.</param>
    internal static int HuntAll(ulong from, int seedsMax, int only, TextWriter output)
    {
        if (!IsPossible)
        {
            output.WriteLine("this build has no defects: build without -c Release");
            return 2;
        }

        List<int> runs = [];
        var survivors = 0;
        foreach (var defect in Enum.GetValues<Defect>().Where(defect => defect != Defect.None && (only == 0 || (int)defect == only)))
        {
            var clock = Stopwatch.StartNew();
            var (count, found) = Hunt(defect, from, seedsMax);
            runs.Add(count);
            survivors += found is null ? 1 : 0;
            var verdict = found is null ? "NOT FOUND in" : "found after";
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{defect,-26} {verdict,-12} {count,4} seeds, {clock.Elapsed.TotalSeconds,6:f1} s  {found?.Violations[0].Rule}"));
        }

        runs.Sort();
        output.WriteLine($"{runs.Count} defects, {survivors} not found, median {runs[runs.Count / 2]} seeds");
        return survivors == 0 ? 0 : 1;
    }

    internal static bool NeedsMembers(Defect defect) =>
        defect is Defect.CommitBeforeOwnFlush or Defect.CommitOldTermByCounting or Defect.ForgetVote or Defect.ReadWithoutRound
            or Defect.SendForwardAgain or Defect.TakeForwardTwice or Defect.InstallKeepsLeases;
}
