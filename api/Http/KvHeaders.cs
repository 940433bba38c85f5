namespace RestKv.Api.Http;

/// <summary>Names of our own headers and the fixed values of common ones.</summary>
internal static class KvHeaders
{
    public const string Revision = "Kv-Revision";
    public const string Member = "Kv-Member";
    public const string CreateRevision = "Kv-Create-Revision";
    public const string Version = "Kv-Version";
    public const string Lease = "Kv-Lease";
    public const string Ttl = "Kv-Ttl";
    public const string RequestId = "Request-Id";
    public const string IdempotencyKey = "Idempotency-Key";
    public const string IdempotencyReplayed = "Idempotency-Replayed";
    public const string Prefer = "Prefer";
    public const string PreferenceApplied = "Preference-Applied";
    public const string SecFetchSite = "Sec-Fetch-Site";

    public const string Json = "application/json";
    public const string ProblemJson = "application/problem+json";
    public const string NdJson = "application/x-ndjson";
    public const string EventStream = "text/event-stream";
    public const string Text = "text/plain; charset=utf-8";
    public const string Binary = "application/octet-stream";

    /// <summary>Reads of the present: kept by the client, asked again each time (304 makes that cheap).</summary>
    public const string Revalidate = "private, no-cache";

    /// <summary>Reads of a given revision never change.</summary>
    public const string Immutable = "private, max-age=3600, immutable";

    public const string NoStore = "no-store";

    /// <summary>A stored HTML value must not run on the origin of the dashboard.</summary>
    public const string RawValuePolicy = "sandbox; default-src 'none'";

    private const string VaryOfReads = "Accept, Authorization";

    /// <summary>What an answer to a read depends on, beside what was said before (an allowed origin).</summary>
    public static void VaryAsRead(IHeaderDictionary headers) =>
        headers.Vary = headers.Vary.Count == 0 ? VaryOfReads : $"{headers.Vary}, {VaryOfReads}";
}
