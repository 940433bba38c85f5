using System.Text.Json.Serialization;

namespace RestKv.Api.Peers;

/// <summary>Who belongs to the cluster, as a member tells a newcomer.</summary>
internal sealed record PeerRoster
{
    public required string Cluster { get; init; }

    public required IReadOnlyList<PeerRosterEntry> Members { get; init; }
}

/// <summary>One member, as a newcomer needs it.</summary>
internal sealed record PeerRosterEntry
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<string> PeerUrls { get; init; }

    /// <summary>False for a member that has not come yet.</summary>
    public required bool HasCome { get; init; }
}

/// <summary>What a member tells the others of itself.</summary>
internal sealed record PeerReport
{
    public required string Role { get; init; }

    public required long Term { get; init; }

    public required string Leader { get; init; }

    public required long CommitIndex { get; init; }

    public required long AppliedIndex { get; init; }

    public required long Rev { get; init; }

    public required long UsedBytes { get; init; }

    public required bool Ready { get; init; }

    public required bool Diverged { get; init; }

    /// <summary>Why the others do not let it take part.</summary>
    public string? Refused { get; init; }

    public required string Version { get; init; }
}

/// <summary>What members ask each other besides consensus, as JSON: rare, small, and readable with curl.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PeerRoster))]
[JsonSerializable(typeof(PeerReport))]
internal sealed partial class PeerJsonContext : JsonSerializerContext;
