using System.Text.Json;
using RestKv.Api.Http;

namespace RestKv.Api.Contracts;

/// <summary>
/// The policy of automatic compaction: the newest `revisions` always stay; older ones while they are younger than `age` and
/// history fits a quarter of the quota.
/// </summary>
internal sealed record RetentionRequest
{
    public long? Revisions { get; init; }

    /// <summary>`"1h"`, `"90m"` or whole seconds.</summary>
    [FaultCode("bad-duration")]
    public JsonElement? Age { get; init; }
}
