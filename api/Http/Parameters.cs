using static RestKv.Api.Http.QueryParameterType;

namespace RestKv.Api.Http;

/// <summary>All query parameters of the API, each explained once: for the readers, for the document and for error texts.</summary>
internal static class Parameters
{
    public static readonly QueryParameter Pretty = new("pretty", Flag, "Indent the JSON for people.");

    public static readonly QueryParameter Format = new(
        "format", Choice, "Form of the answer, whatever Accept says; `raw` where the answer is a value.")
    {
        Choices = ["", "json", "raw"],
    };

    public static readonly QueryParameter JsonFormat = new("format", Choice, "Form of the answer, whatever Accept says.")
    {
        Choices = ["", "json"],
    };

    public static readonly QueryParameter ListFormat = new("format", Choice, "Form of the answer, whatever Accept says.")
    {
        Choices = ["", "json", "ndjson"],
    };

    public static readonly QueryParameter Timeout = new(
        "timeout", Duration, "Longest wait for the cluster. After it: 504, and for a write an unknown outcome. Default 5s.")
    {
        Minimum = 1,
        Maximum = HttpLimits.TimeoutSecondsMax * 1000,
    };

    public static readonly QueryParameter Consistency = new(
        "consistency", Choice, "`linearizable` (default) sees every acknowledged write; `local` answers from this member as it is.")
    {
        Choices = ["linearizable", "local"],
    };

    public static readonly QueryParameter MinRevision = new(
        "minRev", Integer, "Wait until this member has applied that revision: read your own writes behind a load balancer.");

    public static readonly QueryParameter Revision = new("rev", Integer, "Read the past as it was at that revision.")
    {
        Minimum = 1,
    };

    public static readonly QueryParameter Wait = new(
        "wait", Duration, "Long poll: hold the answer until something changes, at most this long.")
    {
        Maximum = HttpLimits.WaitSecondsMax * 1000,
    };

    public static readonly QueryParameter Ticket = new(
        "ticket", QueryParameterType.Text, "What POST /v1/auth/ticket gave, in place of a header that an EventSource cannot send.");

    public static readonly QueryParameter Since = new(
        "since", Integer, "Answer with the changes after this revision (the `next` of the previous answer) instead of a page.");

    public static readonly QueryParameter Key = new("key", QueryParameterType.Text, "Exactly this key.");

    public static readonly QueryParameter Key64 = new("key64", QueryParameterType.Text, "Exactly this key, as base64url.");

    public static readonly QueryParameter Prefix = new(
        "prefix", QueryParameterType.Text, "Keys that begin with this; empty means every key.");

    public static readonly QueryParameter Prefix64 = new(
        "prefix64", QueryParameterType.Text, "Keys that begin with these bytes, as base64url.");

    public static readonly QueryParameter Start = new("start", QueryParameterType.Text, "First key of a range, inclusive.");

    public static readonly QueryParameter Start64 = new(
        "start64", QueryParameterType.Text, "First key of a range, inclusive, as base64url.");

    public static readonly QueryParameter End = new("end", QueryParameterType.Text, "End of a range, exclusive.");

    public static readonly QueryParameter End64 = new("end64", QueryParameterType.Text, "End of a range, exclusive, as base64url.");

    public static readonly QueryParameter Delimiter = new(
        "delimiter", QueryParameterType.Text, "Group keys that go on after the prefix up to this text, like folders.");

    public static readonly QueryParameter Limit = new("limit", Integer, "Items of a page. Default 1000; a page also ends at 4 MiB.")
    {
        Minimum = 1,
        Maximum = HttpLimits.PageItemsMax,
    };

    public static readonly QueryParameter Cursor = new(
        "cursor", QueryParameterType.Text, "The `next` of the previous page; keep all other parameters as they were.");

    public static readonly QueryParameter Order = new("order", Choice, "`asc` (default) or `desc`.")
    {
        Choices = ["asc", "desc"],
    };

    public static readonly QueryParameter Sort = new(
        "sort", Choice, "What to sort by; all but `key` (default) take ranges of at most 100000 keys.")
    {
        Choices = ["key", "modRev", "createRev", "version"],
    };

    public static readonly QueryParameter MinModRevision = new("minModRev", Integer, "Only entries changed at or after this revision.");

    public static readonly QueryParameter MaxModRevision = new("maxModRev", Integer, "Only entries last changed at or before it.");

    public static readonly QueryParameter Values = new(
        "values", Choice,
        "`text` (default): a string, or base64 when it is not UTF-8; `json`: embedded where it parses; `base64`; `none`.")
    {
        Choices = ["text", "json", "base64", "none"],
    };

    public static readonly QueryParameter Count = new("count", Flag, "Also count all entries that match, not only this page.");

    public static readonly QueryParameter CountOnly = new("countOnly", Flag, "Only count.");

    public static readonly QueryParameter All = new(
        "all", Flag, "Yes, delete a range with an open end: every key there is, or all before or after one.");

    public static readonly QueryParameter Previous = new("prev", Flag, "Return what was there before.");

    public static readonly QueryParameter Ttl = new(
        "ttl", Duration, "Give the key a lease of its own: it goes away after this long unless it is written again.")
    {
        Minimum = 1000,
        Maximum = HttpLimits.TtlSecondsMax * 1000L,
    };

    public static readonly QueryParameter Lease = new(
        "lease", QueryParameterType.Text, "Attach the key to this lease. Without ttl, lease or keepLease a put detaches the key.");

    public static readonly QueryParameter KeepLease = new("keepLease", Flag, "Keep the lease the key has.");

    public static readonly QueryParameter Keys = new("keys", Flag, "Also list the attached keys.");

    public static readonly QueryParameter RevokeOnClose = new(
        "revokeOnClose", Flag, "Revoke the lease when the connection ends instead of letting it run out.");

    public static readonly QueryParameter Strict = new("strict", Flag, "Answer 412 when the conditions did not hold (for curl -f).");

    public static readonly QueryParameter DryRun = new(
        "dryRun", Flag, "Only judge the change and show what it would do; who is reachable is judged when it is made.");

    public static readonly QueryParameter Verbose = new("verbose", Flag, "List every check.");

    public static readonly QueryParameter Exclude = new("exclude", QueryParameterType.Text, "Leave out this check.");

    public static readonly QueryParameter ExcludeAlarm = new(
        "exclude", QueryParameterType.Text, "Leave out this alarm: `NOSPACE` or `CORRUPT`. May be given more than once.")
    {
        IsRepeatable = true,
    };

    public static readonly QueryParameter Serializable = new(
        "serializable", Flag, "Ask whether this member can answer from its own state, leader or not.");
}
