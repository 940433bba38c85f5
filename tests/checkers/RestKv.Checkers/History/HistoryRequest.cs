using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Checkers.History;

/// <summary>What a client asked for. A closed set.</summary>
public abstract record HistoryRequest
{
    private HistoryRequest()
    {
    }

    /// <summary>A command for the log. Several arrivals with the same idempotency key are one operation.</summary>
    public sealed record Submit(Command Command, string Author = "", string? IdempotencyKey = null) : HistoryRequest
    {
        /// <summary>By what the author was recognised.</summary>
        public Credential Credential { get; init; }
    }

    /// <summary>A range read; <paramref name="Local"/> reads may be stale but never wrong at their revision.</summary>
    public sealed record Read(RangeRequest Range, bool Local = false) : HistoryRequest;

    /// <summary>The retained versions of a key, newest first, at or below a revision (0: now).</summary>
    public sealed record KeyHistory(ReadOnlyMemory<byte> Key, long Revision = 0, bool Local = false) : HistoryRequest;

    /// <summary>Time to live and keys of a lease, after a read barrier.</summary>
    public sealed record Lease(LeaseId Id) : HistoryRequest;
}
