using RestKv.Api.Http;

namespace RestKv.Api.OpenApi;

/// <summary>A request header that an operation reads, for the document.</summary>
internal sealed record HeaderParameter(string Name, string Description)
{
    public static readonly HeaderParameter IfMatch = new(
        "If-Match", "Only if the key is at this revision (`\"42\"`), or exists (`*`); else 412.");

    public static readonly HeaderParameter IfNoneMatch = new(
        "If-None-Match", "On reads: 304 when the key is still at this revision. On writes: only if it does not exist (`*`).");

    public static readonly HeaderParameter IdempotencyKey = new(
        KvHeaders.IdempotencyKey, "1 to 64 visible characters. A repeated request with the same key gets the first one's answer.");

    public static readonly HeaderParameter Prefer = new(
        KvHeaders.Prefer, "`return=minimal` answers 204 without a body; `return=representation` adds the entry.");
}
