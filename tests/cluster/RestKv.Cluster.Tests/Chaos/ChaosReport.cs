using System.Globalization;
using System.Text;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>What a run did and what came of it.</summary>
internal sealed record ChaosReport
{
    /// <summary>What goes wrong first explains most of the rest.</summary>
    private const int ViolationsShown = 20;

    public required ChaosOptions Options { get; init; }

    public required IReadOnlyList<FaultRecord> Faults { get; init; }

    public required int Operations { get; init; }

    public required int Acknowledged { get; init; }

    public required int Unknown { get; init; }

    public required long Revisions { get; init; }

    public required int WatchEvents { get; init; }

    public required int Leases { get; init; }

    public required IReadOnlyList<string> Violations { get; init; }

    /// <summary>Where everything was saved, when there are violations.</summary>
    public string? Folder { get; init; }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"seed {Options.Seed}, {Options.Members} members: {Operations} operations, "
            + $"{Acknowledged} writes acknowledged, {Unknown} of unknown outcome, {Revisions} revisions, {WatchEvents} watch events, "
            + $"{Leases} leases, {Violations.Count} violations");
        text.AppendLine("  " + string.Join(", ", Faults.Select(fault =>
            string.Create(CultureInfo.InvariantCulture, $"{fault.Name} {fault.GapMs:F0} ms"))));
        foreach (var violation in Violations.Take(ViolationsShown))
        {
            text.AppendLine("  VIOLATION " + violation);
        }

        if (Folder is not null)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  saved in {Folder}; judge again with: tests/cluster/chaos --judge {Folder}");
        }

        return text.ToString();
    }
}
