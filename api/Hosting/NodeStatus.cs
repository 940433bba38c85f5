using RestKv.Core.Alarms;
using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Raft;

namespace RestKv.Api.Hosting;

/// <summary>Facts about this member, copied once per batch by the replica thread; safe from any thread.</summary>
public sealed record NodeStatus
{
    public required string Name { get; init; }

    public required NodeId MemberId { get; init; }

    public required ulong ClusterId { get; init; }

    /// <summary>Drawn with the data directory.</summary>
    public long StoreId { get; init; }

    /// <summary>Number of this start of the directory.</summary>
    public long Incarnation { get; init; }

    /// <summary>Drawn by this start.</summary>
    public long Life { get; init; }

    /// <summary>Why the other members do not let this one take part; null when they do.</summary>
    public string? Refused { get; init; }

    public required RaftStatus Raft { get; init; }

    /// <summary>True once this member has applied everything that was committed when it started, its own log included.</summary>
    public bool HasCaughtUp { get; init; }

    /// <summary>Caught up, a leader is known, and not stopping.</summary>
    public bool IsReady { get; init; }

    public bool IsShuttingDown { get; init; }

    /// <summary>The member was outvoted in a comparison of states and answers nothing from its own.</summary>
    public bool HasDiverged { get; init; }

    public bool NoSpaceAlarm { get; init; }

    public long QuotaBytes { get; init; }

    public long LeaseCount { get; init; }

    public long ClusterTimeMs { get; init; }

    public long ProposalsPending { get; init; }

    public long LeasesExpired { get; init; }

    public Retention Retention { get; init; }

    public MemberList Members { get; init; } = MemberList.Empty;

    /// <summary>Alarms raised by hand; <see cref="NoSpaceAlarm"/> is not one of them.</summary>
    public AlarmList Alarms { get; init; } = AlarmList.Empty;
}
