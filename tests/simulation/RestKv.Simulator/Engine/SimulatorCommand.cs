using System.Diagnostics;
using System.Globalization;

namespace RestKv.Simulator.Engine;

/// <summary>The command line: many seeds, or one in detail.</summary>
public static class SimulatorCommand
{
    /// <summary>Failures told in full, with what they shrink to, which takes many runs each.</summary>
    private const int FailuresTold = 2;

    private const string Usage =
        "usage: --seeds N [--seed-from S] [--members N] | --seed S [--trace] [--members N] [--set \"Option=Value;...\"] | "
            + "--hunt N [--hunts H] [--seed-from S] [--defect D] (builds with defects only)";

    /// <summary>Returns 0 when every run was good, 1 when one was not, 2 for arguments that make no sense.</summary>
    public static int Run(string[] args, TextWriter output)
    {
        if (!TryParse(args, out var values))
        {
            output.WriteLine(Usage);
            return 2;
        }

        var from = ulong.Parse(values.GetValueOrDefault("--seed-from", "1"), CultureInfo.InvariantCulture);
        if (values.TryGetValue("--hunt", out var budget))
        {
            var only = int.Parse(values.GetValueOrDefault("--defect", "0"), CultureInfo.InvariantCulture);
            var hunts = int.Parse(values.GetValueOrDefault("--hunts", "3"), CultureInfo.InvariantCulture);
            return DefectHunt.HuntAll(from, int.Parse(budget, CultureInfo.InvariantCulture), hunts, only, output);
        }

        int? members = values.TryGetValue("--members", out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : null;
        return values.TryGetValue("--seed", out var seed)
            ? RunOne(
                OptionChanges.Apply(
                    SimulationOptions.FromSeed(ulong.Parse(seed, CultureInfo.InvariantCulture), members), values.GetValueOrDefault("--set", "")),
                values.ContainsKey("--trace"),
                output)
            : RunMany(from, int.Parse(values["--seeds"], CultureInfo.InvariantCulture), members, output);
    }

    private static int RunOne(SimulationOptions options, bool isTraced, TextWriter output)
    {
        output.WriteLine(options);
        var result = Simulation.Run(options, isTraced ? output.WriteLine : null);
        output.WriteLine($"trace {result.TraceHash:x16}, {result.Figures}");
        if (!result.IsGood)
        {
            FailureReport.Write(result, output);
        }

        return result.IsGood ? 0 : 1;
    }

    private static int RunMany(ulong from, int count, int? members, TextWriter output)
    {
        var clock = Stopwatch.StartNew();
        var lines = TextWriter.Synchronized(output);
        var report = SeedRunner.Run(
            from, count, members, failed => lines.WriteLine($"seed {failed.Options.Seed} members {failed.Options.Members}: {failed.Violations[0]}"));
        output.WriteLine(report.Summary(clock.Elapsed));
        foreach (var failed in report.Failures.Take(FailuresTold))
        {
            FailureReport.Write(failed, output);
        }

        if (count >= SeedReport.SeedsThatMeetAll && members is null && report.Missing.Count > 0)
        {
            output.WriteLine("so many seeds have to meet every situation: the traffic has a hole");
            return 1;
        }

        return report.Failures.Count == 0 ? 0 : 1;
    }

    private static bool TryParse(string[] args, out Dictionary<string, string> values)
    {
        values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--trace")
            {
                values[args[i]] = "";
            }
            else if (args[i] == "--set" && i + 1 < args.Length)
            {
                values[args[i]] = args[++i];
            }
            else if (args[i] is "--seed" or "--seeds" or "--seed-from" or "--members" or "--hunt" or "--hunts" or "--defect" && i + 1 < args.Length
                && ulong.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                values[args[i]] = args[++i];
            }
            else
            {
                return false;
            }
        }

        return values.ContainsKey("--seed") || values.ContainsKey("--seeds") || values.ContainsKey("--hunt");
    }
}
