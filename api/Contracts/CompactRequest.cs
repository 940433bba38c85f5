using RestKv.Api.Http;

namespace RestKv.Api.Contracts;

/// <summary>Gives up the history before a revision.</summary>
internal sealed record CompactRequest
{
    /// <summary>The oldest revision that stays readable.</summary>
    [FaultCode("bad-revision")]
    public long? Rev { get; init; }
}
