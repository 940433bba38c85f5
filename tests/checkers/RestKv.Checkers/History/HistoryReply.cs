using RestKv.Core.Commands;
using RestKv.Core.Leases;
using RestKv.Core.Mvcc;

namespace RestKv.Checkers.History;

/// <summary>What a client was told. A closed set.</summary>
public abstract record HistoryReply
{
    private HistoryReply()
    {
    }

    /// <summary>Answer to a command or range read (<see cref="OperationResult.Get"/> or a rejection).</summary>
    public sealed record Result(OperationResult Value, bool Replayed = false) : HistoryReply;

    /// <summary>Answer to <see cref="HistoryRequest.KeyHistory"/>.</summary>
    public sealed record Versions(long Revision, long CompactedRevision, IReadOnlyList<Change> Items) : HistoryReply;

    /// <summary>Answer to <see cref="HistoryRequest.Lease"/>; no info when the lease does not exist.</summary>
    public sealed record Lease(long Revision, LeaseInfo? Info) : HistoryReply;
}
