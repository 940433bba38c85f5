using System.CommandLine;
using System.Globalization;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>The long form: runs with fresh seeds, one after the other, until the time is up; figures at the end.</summary>
internal static class ChaosCommand
{
    private const int FaultsPerRun = 7;

    public static async Task<int> RunAsync(string[] arguments)
    {
        Option<double> minutes = new("--minutes") { DefaultValueFactory = _ => 20, Description = "How long to go on beginning runs." };
        Option<int[]> members = new("--members")
        {
            DefaultValueFactory = _ => [3, 5],
            AllowMultipleArgumentsPerToken = true,
            Description = "Sizes of the cluster, taken in turn.",
        };
        Option<int> seed = new("--seed") { DefaultValueFactory = _ => 1, Description = "Seed of the first run; each run has the next one." };
        Option<string[]> faults = new("--faults")
        {
            AllowMultipleArgumentsPerToken = true,
            Description = $"Exactly these, in this order, in each run. Default: {FaultsPerRun} drawn by the seed.",
        };
        faults.AcceptOnlyFromAmong([.. Nemesis.Faults.Keys]);
        Option<string?> judge = new("--judge") { Description = "A folder of a failed run: judge its history again and end." };
        RootCommand command = new("Real processes under faults, judged by all checkers.") { minutes, members, seed, faults, judge };
        command.SetAction(async (parsed, stop) => parsed.GetValue(judge) is { } folder
            ? JudgeAgain(folder)
            : await RunAsync(
                TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(members)!, parsed.GetValue(seed),
                parsed.GetValue(faults) ?? [], stop));
        return await command.Parse(arguments).InvokeAsync();
    }

    private static int JudgeAgain(string folder)
    {
        var violations = ChaosVerdict.Judge(ChaosFiles.Load(folder));
        foreach (var violation in violations)
        {
            Console.WriteLine($"VIOLATION {violation}");
        }

        Console.WriteLine($"{violations.Count} violations");
        return violations.Count == 0 ? 0 : 1;
    }

    private static async Task<int> RunAsync(TimeSpan time, int[] sizes, int firstSeed, string[] faults, CancellationToken stop)
    {
        var started = TimeProvider.System.GetTimestamp();
        List<ChaosReport> reports = [];
        do
        {
            var seed = firstSeed + reports.Count;
            var report = await ChaosRun.RunAsync(new ChaosOptions
            {
                Members = sizes[reports.Count % sizes.Length],
                Seed = seed,
                Faults = faults.Length > 0 ? faults : Draw(seed),
            });
            reports.Add(report);
            Console.Write(report);
        }
        while (TimeProvider.System.GetElapsedTime(started) < time && !stop.IsCancellationRequested);

        Console.Write(Summary(reports, TimeProvider.System.GetElapsedTime(started)));
        return reports.Sum(report => report.Violations.Count) == 0 ? 0 : 1;
    }

    private static string[] Draw(int seed)
    {
        var random = new Random(seed);
        return [.. Nemesis.Faults.Keys.Order(StringComparer.Ordinal).OrderBy(_ => random.Next()).Take(FaultsPerRun)];
    }

    private static string Summary(List<ChaosReport> reports, TimeSpan took)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"{reports.Count} runs in {took.TotalMinutes:F1} minutes: {reports.Sum(report => report.Operations)} operations, "
            + $"{reports.Sum(report => report.Acknowledged)} writes acknowledged, {reports.Sum(report => report.Unknown)} of unknown outcome, "
            + $"{reports.Sum(report => report.WatchEvents)} watch events, {reports.Sum(report => report.Leases)} leases, "
            + $"{reports.Sum(report => report.Faults.Count)} faults, {reports.Sum(report => report.Violations.Count)} violations");
        text.WriteLine("fault                 times   gap p50 ms   gap max ms");
        var kinds = reports.SelectMany(report => report.Faults).GroupBy(fault => fault.Name);
        foreach (var kind in kinds.OrderBy(kind => kind.Key, StringComparer.Ordinal))
        {
            var gaps = kind.Select(fault => fault.GapMs).Order().ToArray();
            text.WriteLine($"{kind.Key,-20} {gaps.Length,6} {gaps[gaps.Length / 2],12:F0} {gaps[^1],12:F0}");
        }

        return text.ToString();
    }
}
