using RestKv.Api.Contracts;
using RestKv.Core.Watch;

namespace RestKv.Api.Watch;

/// <summary>How one stream begins and what it shows: a request whose every part has been checked against the store.</summary>
internal sealed record WatchStart
{
    public required WatchFilter Filter { get; init; }

    /// <summary>First revision wanted; with a snapshot the one after it.</summary>
    public required long From { get; init; }

    /// <summary>The store's revision when the stream was opened.</summary>
    public required long Revision { get; init; }

    public required long CompactedRevision { get; init; }

    /// <summary>The state first, or anew.</summary>
    public bool Snapshot { get; init; }

    /// <summary>Set when the place the client asked for is gone: it is told to drop its state. Comes with a snapshot.</summary>
    public string? ResetReason { get; init; }

    /// <summary>When history is overtaken later: begin anew with a snapshot instead of ending.</summary>
    public bool Resync { get; init; }

    public bool Previous { get; init; }

    public ValueForm Values { get; init; }

    public WatchFormat Format { get; init; }

    public TimeSpan Progress { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Zero for no end.</summary>
    public TimeSpan MaxLife { get; init; }

    /// <summary>Time left of what the client showed; zero for no end.</summary>
    public TimeSpan CredentialLife { get; init; }

    /// <summary>Null when nobody's rights matter.</summary>
    public IWatchGuard? Guard { get; init; }

    /// <summary>Facts of the member for the `open` event.</summary>
    public string Member { get; init; } = "";

    public string Cluster { get; init; } = "";
}
