using System.Globalization;
using System.Text;

namespace RestKv.Simulator.Engine;

/// <summary>What many runs came to.</summary>
public sealed record SeedReport(ulong From, IReadOnlyList<RunResult> Results, IReadOnlyList<RunResult> Failures, Sometimes Sometimes)
{
    /// <summary>So many seeds meet every situation, or the traffic has a hole.</summary>
    public const int SeedsThatMeetAll = 300;

    /// <summary>Situations that no run met.</summary>
    public IReadOnlyList<string> Missing => [.. Sometimes.Hits.Where(pair => pair.Hits == 0).Select(pair => pair.Name)];

    public string Summary(TimeSpan elapsed)
    {
        var text = new StringBuilder();
        var events = Results.Sum(result => result.Figures.Events);
        text.AppendLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Results.Count} seeds from {From}: {Failures.Count} failed, {elapsed.TotalSeconds:f1} s")
            + string.Create(CultureInfo.InvariantCulture, $", {Results.Count / elapsed.TotalMinutes:f0} seeds/min"));
        var (operations, entries) = (Results.Sum(r => r.Figures.Operations), Results.Sum(r => r.Figures.Entries));
        var (lives, faults) = (Results.Sum(r => r.Figures.Lives), Results.Sum(r => r.Figures.Faults));
        text.AppendLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{events} events ({events / elapsed.TotalSeconds:f0}/s), {operations} operations, {entries} entries")
            + $", {lives} process lives, {faults} faults");
        text.AppendLine("sometimes (hits):");
        foreach (var (name, hits) in Sometimes.Hits)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {hits,9}  {name}");
        }

        text.AppendLine(
            CultureInfo.InvariantCulture, $"{SituationNames.All.Count} situations, {Missing.Count} never met: {string.Join("; ", Missing)}");

        return text.ToString();
    }
}
