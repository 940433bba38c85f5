using RestKv.Api.Errors;
using RestKv.Core.Model;

namespace RestKv.Api.Http;

/// <summary>Reads the parameters that name a range of keys.</summary>
internal static class RangeQuery
{
    /// <param name="prefixLength">Bytes of the prefix, from where a delimiter counts.</param>
    public static KeyRange Read(ref QueryReader query, out bool isGiven, out int prefixLength)
    {
        var key = query.KeyBytes(Parameters.Key, Parameters.Key64);
        var prefix = query.KeyBytes(Parameters.Prefix, Parameters.Prefix64);
        var start = query.KeyBytes(Parameters.Start, Parameters.Start64);
        var end = query.KeyBytes(Parameters.End, Parameters.End64);
        isGiven = key is not null || prefix is not null || start is not null || end is not null;
        prefixLength = prefix?.Length ?? 0;
        if (key is not null)
        {
            if (key.Length == 0)
            {
                query.Fail(ProblemCatalog.KeyEmpty, "key is empty", Parameters.Key.Name);
            }

            RefuseBeside(ref query, "key", prefix, start, end);
            return KeyRange.Single(key);
        }

        if (prefix is not null)
        {
            RefuseBeside(ref query, "prefix", start, end);
            return KeyRange.Prefix(prefix);
        }

        return Between(ref query, start ?? [], end);
    }

    /// <summary>
    /// True when a deletion of the range must be confirmed: one end is open, so a slip (or a variable that was empty) takes
    /// everything on that side. A prefix is closed even where the range it stands for is not (that of 0xFF).
    /// </summary>
    public static bool IsOpen(in KeyRange range, bool hasPrefix) =>
        !hasPrefix && (range.Kind == KeyRangeKind.From || range is { Kind: KeyRangeKind.HalfOpen, Start.Length: 0 });

    private static KeyRange Between(ref QueryReader query, byte[] start, byte[]? end)
    {
        if (end is null)
        {
            return KeyRange.From(start);
        }

        if (end.AsSpan().SequenceCompareTo(start) < 0)
        {
            query.Fail(ProblemCatalog.InvalidRange, "end is before start", Parameters.End.Name);
        }

        return KeyRange.Between(start, end);
    }

    private static void RefuseBeside(ref QueryReader query, string name, params ReadOnlySpan<byte[]?> others)
    {
        foreach (var other in others)
        {
            if (other is not null)
            {
                query.Fail(ProblemCatalog.InvalidRange, $"{name} stands alone: prefix, start and end say other ranges", name);
            }
        }
    }
}
