using System.Text;
using System.Text.Json;

namespace RestKv.Http.Tests.Support;

/// <summary>An answer as it came over the wire. Status 0 means that the connection ended without one.</summary>
internal sealed record RawResponse(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body, bool IsClosed)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? Code => Body.Length > 0 && Header("Content-Type") == "application/problem+json"
        ? Json.GetProperty("code").GetString()
        : null;

    public string? Header(string name) => Headers.GetValueOrDefault(name);
}
