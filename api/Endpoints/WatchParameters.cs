using RestKv.Api.Http;
using RestKv.Api.Watch;
using static RestKv.Api.Http.QueryParameterType;

namespace RestKv.Api.Endpoints;

/// <summary>The query parameters of a watch.</summary>
internal static class WatchParameters
{
    public static readonly QueryParameter Key = Parameters.Key with { IsRepeatable = true };

    public static readonly QueryParameter Key64 = Parameters.Key64 with { IsRepeatable = true };

    public static readonly QueryParameter Prefix = Parameters.Prefix with { IsRepeatable = true };

    public static readonly QueryParameter Prefix64 = Parameters.Prefix64 with { IsRepeatable = true };

    public static readonly QueryParameter Start = Parameters.Start with { IsRepeatable = true };

    public static readonly QueryParameter Start64 = Parameters.Start64 with { IsRepeatable = true };

    public static readonly QueryParameter End = Parameters.End with { IsRepeatable = true };

    public static readonly QueryParameter End64 = Parameters.End64 with { IsRepeatable = true };

    public static readonly QueryParameter From = new(
        "from", Integer, "First revision wanted; may lie in the future. Default: from now on. `Last-Event-ID` wins over it.")
    {
        Minimum = 1,
    };

    public static readonly QueryParameter Previous = new("prev", Flag, "Also what was there before, while history still has it.");

    public static readonly QueryParameter Types = new(
        "types", QueryParameterType.Text, "`put`, `delete` or both with a comma (default). A snapshot is sent whole in any case.");

    public static readonly QueryParameter Depth = new(
        "depth", Integer, "With prefixes: only keys with fewer than this many slashes after the prefix; 1 is its children.")
    {
        Minimum = 1,
        Maximum = WatchRequest.DepthMax,
    };

    public static readonly QueryParameter Snapshot = new(
        "snapshot", Flag, "The current state first, then `synced`, then changes. Skipped when `Last-Event-ID` resumes.");

    public static readonly QueryParameter Resync = new(
        "resync", Flag, "When the place to go on from is gone: `reset` and a snapshot instead of 410 or the end.");

    public static readonly QueryParameter Progress = new(
        "progress", Duration, "How often a bookmark moves the place to resume from while nothing matches. Default 10s.")
    {
        Minimum = WatchRequest.ProgressMsMin,
        Maximum = WatchRequest.ProgressMsMax,
    };

    public static readonly QueryParameter Heartbeat = new(
        "heartbeat", Duration, "A comment after this much silence. Default 15s.")
    {
        Minimum = WatchRequest.HeartbeatMsMin,
        Maximum = WatchRequest.HeartbeatMsMax,
    };

    public static readonly QueryParameter MaxLife = new(
        "maxLife", Duration, "End the stream with `closing` after this long. Default: never.")
    {
        Minimum = WatchRequest.MaxLifeMsMin,
        Maximum = WatchRequest.MaxLifeMsMax,
    };
}
