using RestKv.Core.Model;

namespace RestKv.Api.Etcd;

/// <summary>Pairs of `key` and `range_end`, as every call of the API has them.</summary>
internal static class KeyRanges
{
    /// <summary>
    /// No end is the key alone; an end of one zero byte is everything from the key on, and with a key of one zero byte too it is
    /// every key there is.
    /// </summary>
    public static KeyRange Of(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> end) =>
        end.IsEmpty ? KeyRange.Single(key)
        : !IsZero(end) ? KeyRange.Between(key, end)
        : IsZero(key) ? KeyRange.All
        : KeyRange.From(key);

    private static bool IsZero(ReadOnlyMemory<byte> bytes) => bytes.Length == 1 && bytes.Span[0] == 0;
}
