using RestKv.Api.Contracts;
using RestKv.Core.Watch;

namespace RestKv.Api.Watch;

/// <summary>What a client asks to watch: the same whether it came in the query, in a body or with the URL of a key.</summary>
internal sealed record WatchRequest
{
    public const int ProgressMsMin = 1_000;
    public const int ProgressMsMax = 600_000;
    public const int HeartbeatMsMin = 1_000;
    public const int HeartbeatMsMax = 600_000;
    public const int MaxLifeMsMin = 1_000;
    public const int MaxLifeMsMax = 7 * 86_400_000;
    public const int DepthMax = 1_000;

    public required IReadOnlyList<WatchRange> Ranges { get; init; }

    public WatchTypes Types { get; init; } = WatchTypes.All;

    /// <summary>First revision wanted; 0 means from now on.</summary>
    public long From { get; init; }

    public bool Snapshot { get; init; }

    public bool Resync { get; init; }

    public bool Previous { get; init; }

    public ValueForm Values { get; init; }

    public TimeSpan Progress { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Zero for no end.</summary>
    public TimeSpan MaxLife { get; init; }

    public long MinRevision { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);
}
