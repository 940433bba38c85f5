using System.Collections.Immutable;
using RestKv.Core.Alarms;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Leases;
using RestKv.Core.Members;
using RestKv.Core.Mvcc;
using RestKv.Core.Outcomes;

namespace RestKv.Core;

/// <summary>The whole machine at one log index, immutable: what a snapshot is written from.</summary>
public sealed record MachineImage(
    ReadView View,
    long AppliedIndex,
    long ClusterTimeMs,
    long WallTimeMs,
    Retention Retention,
    MemberList Members,
    AlarmList Alarms,
    bool HasCompactedNothing,
    LeaseFacts[] Leases,
    ImmutableArray<(long TimeMs, long Revision)> Clock,
    OutcomeLog.Picture Outcomes,
    long OutcomesKnownFromMs)
{
    public AuthTable Auth { get; init; } = AuthTable.Empty;
}
