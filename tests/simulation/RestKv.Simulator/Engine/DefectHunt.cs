using System.Collections.Concurrent;
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
    private const ulong HuntsApart = 100_000;

    /// <summary>False in release builds, where there is nothing to plant.</summary>
    public static bool IsPossible => Defects.AreCompiledIn;

    /// <summary>Returns the result of the first seed that fails with the defect planted, and how many were run.</summary>
    internal static (int Runs, RunResult? Found) Hunt(Defect defect, ulong from, int seedsMax)
    {
        Invariant.Check(IsPossible);
        Defects.Active = defect;
        try
        {
            // On all cores; what counts is the first seed in the order of seeds, whichever run ends first.
            var found = new RunResult?[seedsMax];
            var inOrder = Partitioner.Create(Enumerable.Range(0, seedsMax), EnumerablePartitionerOptions.NoBuffering);
            var outcome = Parallel.ForEach(inOrder, SeedRunner.OneEachCore, (i, loop, _) =>
            {
                if (loop.LowestBreakIteration < i)
                {
                    return;
                }

                found[i] = Simulation.Run(OptionsFor(defect, from + (ulong)i));
                if (found[i] is { IsGood: false })
                {
                    loop.Break();
                }
            });
            if (outcome.LowestBreakIteration is { } first && found[first] is { } failed)
            {
                RequireGoodWithout(defect, failed);
                return ((int)first + 1, failed);
            }
        }
        finally
        {
            Defects.Active = Defect.None;
        }

        return (seedsMax, null);
    }

    /// <summary>What fails without the defect, too, is a bug that nobody planted.</summary>
    private static void RequireGoodWithout(Defect defect, RunResult failed)
    {
        Defects.Active = Defect.None;
        if (Simulation.Run(failed.Options) is { IsGood: false } real)
        {
            throw new InvalidOperationException(
                $"seed {failed.Options.Seed} was to find {defect} and fails without it: {real.Violations[0]}; {failed.Options}");
        }
    }

    /// <summary>
    /// Hunts every defect, several times from seeds far apart, and tells the seeds that each hunt took: one hunt alone may be
    /// lucky.
    /// </summary>
    /// <param name="only">Number of the one defect to hunt; 0 hunts all.</param>
    internal static int HuntAll(ulong from, int seedsMax, int hunts, int only, TextWriter output)
    {
        if (!IsPossible)
        {
            output.WriteLine("this build has no defects: build without -c Release");
            return 2;
        }

        List<int> all = [];
        var (survivors, defects) = (0, 0);
        foreach (var defect in Enum.GetValues<Defect>().Where(defect => defect != Defect.None && (only == 0 || (int)defect == only)))
        {
            var clock = Stopwatch.StartNew();
            var ends = Enumerable.Range(0, hunts).Select(hunt => Hunt(defect, from + ((ulong)hunt * HuntsApart), seedsMax)).ToList();
            var runs = ends.Select(end => end.Runs).Order().ToList();
            var rules = ends.Select(end => end.Found?.Violations[0].Rule).OfType<string>().Distinct().Order(StringComparer.Ordinal);
            defects++;
            survivors += ends.Count(end => end.Found is null);
            all.Add(runs[runs.Count / 2]);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{defect,-26} {string.Join(' ', ends.Select(end => end.Found is null ? "NEVER" : $"{end.Runs,5}"))}  "
                + $"median {runs[runs.Count / 2],4}")
                + string.Create(CultureInfo.InvariantCulture, $", {clock.Elapsed.TotalSeconds,6:f1} s  {string.Join(' ', rules)}"));
        }

        all.Sort();
        output.WriteLine(
            $"{defects} defects, {hunts} hunts each of at most {seedsMax} seeds from {from}: {survivors} hunts found nothing;"
            + $" median of the medians {all[all.Count / 2]}, worst {all[^1]} seeds");
        return survivors == 0 ? 0 : 1;
    }

    /// <summary>Several members only where one alone cannot show it.</summary>
    private static SimulationOptions OptionsFor(Defect defect, ulong seed)
    {
        var options = SimulationOptions.FromSeed(seed, IsOfMembers(defect) || NeedsMembers(defect) ? 3 : 1);
        return IsOfMembers(defect) && options.MembersEveryMs == 0 ? options with { MembersEveryMs = 800 } : options;
    }

    private static bool IsOfMembers(Defect defect) => defect is >= Defect.CountLearners and <= Defect.RemoveAnyVoter;

    private static bool NeedsMembers(Defect defect) =>
        defect is Defect.CommitBeforeOwnFlush or Defect.CommitOldTermByCounting or Defect.ForgetVote or Defect.ReadWithoutRound
            or Defect.AckBeforeFlush or Defect.VoteBeforeFlush or Defect.SendForwardAgain or Defect.TakeForwardTwice
            or Defect.InstallKeepsLeases or Defect.SkipWatchReset or Defect.HoldTimeAfterElection;
}
