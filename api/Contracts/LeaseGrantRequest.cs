using System.Text.Json;
using RestKv.Api.Http;

namespace RestKv.Api.Contracts;

/// <summary>Asks for a lease.</summary>
internal sealed record LeaseGrantRequest
{
    /// <summary>Lifetime without a keep-alive: `"30s"`, `"5m"` or whole seconds.</summary>
    [FaultCode("bad-duration")]
    public JsonElement? Ttl { get; init; }

    /// <summary>An id of one's own choice, 1 to 16 hexadecimal digits; by default the store picks one.</summary>
    public string? Id { get; init; }
}
