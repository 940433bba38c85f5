using RestKv.Api.Errors;

namespace RestKv.Api.Http;

/// <summary>Which form of the answer a writer prefers (RFC 7240).</summary>
internal enum ReturnPreference : byte
{
    /// <summary>No word about it: the short JSON answer.</summary>
    None = 0,
    Minimal = 1,
    Representation = 2,
}

/// <summary>What every write may carry beside its content.</summary>
internal readonly record struct WriteOptions(TimeSpan Timeout, string? IdempotencyKey, ReturnPreference Return, bool Pretty)
{
    /// <summary>Reads headers and the common parameters; the spec must list them.</summary>
    public static WriteOptions Read(HttpContext context, ref QueryReader query)
    {
        var timeout = ReadOptions.TimeoutOf(ref query);
        var pretty = query.Flag(Parameters.Pretty);
        query.Choice(Parameters.JsonFormat);
        return new WriteOptions(timeout, IdempotencyKeyOf(context, ref query), PreferenceOf(context.Request), pretty);
    }

    private static string? IdempotencyKeyOf(HttpContext context, ref QueryReader query)
    {
        var header = context.Request.Headers[KvHeaders.IdempotencyKey];
        if (header.Count == 0)
        {
            return null;
        }

        var key = header.ToString();
        if (header.Count > 1 || !IsIdempotencyKey(key))
        {
            query.Fail(
                ProblemCatalog.InvalidIdempotencyKey,
                $"one key of 1 to {HttpLimits.IdempotencyKeyLengthMax} visible ASCII characters",
                KvHeaders.IdempotencyKey);
        }

        return key;
    }

    public static bool IsIdempotencyKey(string key) =>
        key.Length is > 0 and <= HttpLimits.IdempotencyKeyLengthMax && !key.AsSpan().ContainsAnyExceptInRange('!', '~');

    // A preference is never an error: what is not understood is not applied.
    private static ReturnPreference PreferenceOf(HttpRequest request)
    {
        foreach (var line in request.Headers[KvHeaders.Prefer])
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                switch (line.AsSpan(range).Trim())
                {
                    case "return=minimal" or "return=\"minimal\"":
                        return ReturnPreference.Minimal;
                    case "return=representation" or "return=\"representation\"":
                        return ReturnPreference.Representation;
                }
            }
        }

        return ReturnPreference.None;
    }
}
