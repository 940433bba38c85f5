using System.Text.Json;
using RestKv.Api.Http;

namespace RestKv.Api.Contracts;

/// <summary>What to watch, as a body: for more keys than a URL holds. The members mean what the query parameters mean.</summary>
internal sealed record WatchBody
{
    /// <summary>A key, or a list of keys.</summary>
    public JsonElement? Key { get; init; }

    /// <summary>Keys as standard base64.</summary>
    public JsonElement? KeyBase64 { get; init; }

    /// <summary>A prefix, or a list of prefixes; the empty one is every key.</summary>
    public JsonElement? Prefix { get; init; }

    public JsonElement? PrefixBase64 { get; init; }

    /// <summary>First key of a range, or a list of them, each with its end.</summary>
    public JsonElement? Start { get; init; }

    public JsonElement? StartBase64 { get; init; }

    /// <summary>End of a range, exclusive.</summary>
    public JsonElement? End { get; init; }

    public JsonElement? EndBase64 { get; init; }

    /// <summary>First revision wanted; may lie in the future. Default: from now on.</summary>
    [FaultCode("bad-revision")]
    public long? From { get; init; }

    public bool? Prev { get; init; }

    /// <summary>`text`, `json`, `base64` or `none`.</summary>
    public string? Values { get; init; }

    /// <summary>`put`, `delete` or `put,delete`; or an array of the words.</summary>
    public JsonElement? Types { get; init; }

    /// <summary>With prefixes: only keys with fewer than this many slashes after the prefix.</summary>
    public long? Depth { get; init; }

    public bool? Snapshot { get; init; }

    public bool? Resync { get; init; }

    /// <summary>`"10s"` or whole seconds.</summary>
    [FaultCode("bad-duration")]
    public JsonElement? Progress { get; init; }

    [FaultCode("bad-duration")]
    public JsonElement? Heartbeat { get; init; }

    [FaultCode("bad-duration")]
    public JsonElement? MaxLife { get; init; }

    [FaultCode("bad-revision")]
    public long? MinRev { get; init; }

    [FaultCode("bad-duration")]
    public JsonElement? Timeout { get; init; }
}
