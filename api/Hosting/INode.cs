using RestKv.Api.Watch;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Leases;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Api.Hosting;

/// <summary>What endpoints may do with the store. Implemented by the running replica and, for the build-time document, by nothing.</summary>
public interface INode
{
    /// <summary>The newest published state of this member. Everything acknowledged by this member is in it.</summary>
    ReadView View { get; }

    /// <summary>This member's state is not that of the majority: it must answer nothing from it.</summary>
    bool HasDiverged { get; }

    /// <summary>Live facts about this member.</summary>
    NodeStatus Status { get; }

    /// <summary>Where watches are opened.</summary>
    WatchDispatcher Watches { get; }

    /// <summary>
    /// Proposes a command and waits until it is committed, applied and published here. Never throws for protocol reasons:
    /// refusals and lost certainty are results. After <see cref="SubmitOptions.Timeout"/> the result is unknown.
    /// </summary>
    ValueTask<SubmitReply> SubmitAsync(Command command, SubmitOptions options, CancellationToken cancellationToken);

    /// <summary>Waits until a linearizable read may be answered from <see cref="BarrierReply.View"/>.</summary>
    ValueTask<BarrierReply> ReadBarrierAsync(TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Waits until this member has applied a revision; false after the timeout.</summary>
    ValueTask<bool> WaitForRevisionAsync(long revision, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the lease table and the outcome table, which live with the replica. Runs after everything applied so far; call
    /// <see cref="ReadBarrierAsync"/> first for a linearizable answer.
    /// </summary>
    ValueTask<TableReply> QueryAsync(TableQuery query, CancellationToken cancellationToken);
}

/// <param name="Author">Authenticated user, empty when there is none.</param>
/// <param name="IdempotencyKey">1–64 visible characters, or null.</param>
/// <param name="RequestHash">Hash of the request the key stands for: the same key with another hash is refused.</param>
public readonly record struct SubmitOptions(string Author, TimeSpan Timeout, string? IdempotencyKey = null, ulong RequestHash = 0)
{
    /// <summary>By what the author was recognised.</summary>
    public Credential Credential { get; init; }
}

/// <param name="Replayed">True when the result is the stored one of an earlier arrival with the same idempotency key.</param>
public readonly record struct SubmitReply(OperationResult Result, bool Replayed);

public enum BarrierOutcome : byte
{
    Ok = 0,
    NoLeader = 1,
    Timeout = 2,
    ShuttingDown = 3,
    NotReady = 4,
    Overloaded = 5,

    /// <summary>This member's state is not that of the majority.</summary>
    Diverged = 6,
}

/// <param name="View">Set when the outcome is Ok.</param>
public readonly record struct BarrierReply(BarrierOutcome Outcome, ReadView? View);

/// <summary>A question to the tables that live on the replica thread. Exactly one part is set.</summary>
/// <param name="Leases">These leases; unknown ids are left out of the answer.</param>
/// <param name="AllLeasesAfter">A page of all leases in id order, after this one.</param>
/// <param name="Limit">Page size for <paramref name="AllLeasesAfter"/>.</param>
/// <param name="WithKeys">Attached keys too.</param>
/// <param name="OutcomeKey">An idempotency key of <paramref name="Author"/>.</param>
public sealed record TableQuery(
    IReadOnlyList<LeaseId>? Leases = null,
    LeaseId? AllLeasesAfter = null,
    int Limit = 1000,
    bool WithKeys = false,
    string? OutcomeKey = null,
    string Author = "");

public sealed record TableReply(
    IReadOnlyList<LeaseInfo> Leases,
    bool More,
    IdempotencyRecord? Outcome,
    Retention Retention);
