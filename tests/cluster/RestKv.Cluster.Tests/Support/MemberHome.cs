using System.Diagnostics;

namespace RestKv.Cluster.Tests.Support;

/// <summary>Where a member runs: its address, what its process finds in its environment, and how the process gets there.</summary>
internal sealed record MemberHome(string Host)
{
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Makes the command one that runs in the member's network.</summary>
    public Func<ProcessStartInfo, ProcessStartInfo> Enter { get; init; } = command => command;
}
