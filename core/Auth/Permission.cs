using RestKv.Core.Model;

namespace RestKv.Core.Auth;

/// <summary>One rule of a role, or one scope of a token: what may be done on a range of keys. There are no rules that deny.</summary>
/// <param name="RangeEnd">As etcd's: empty for one key, a single zero byte for no end.</param>
public readonly record struct Permission(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> RangeEnd, Access Access)
{
    private bool HasNoEnd => RangeEnd.Length == 1 && RangeEnd.Span[0] == 0;

    public bool IsValid =>
        !Key.IsEmpty && (RangeEnd.IsEmpty || HasNoEnd || Key.Span.SequenceCompareTo(RangeEnd.Span) < 0)
        && Access is Access.Read or Access.Write or Access.ReadWrite or Access.Admin;

    public KeyRange Range =>
        RangeEnd.IsEmpty ? KeyRange.Single(Key) : HasNoEnd ? KeyRange.From(Key) : KeyRange.Between(Key, RangeEnd);

    public static Permission Of(in KeyRange range, Access access)
    {
        ReadOnlyMemory<byte> key = range.Start.IsEmpty && range.Kind != KeyRangeKind.Single ? new byte[] { 0 } : range.Start;
        return range.Kind switch
        {
            KeyRangeKind.Single => new Permission(key, default, access),
            KeyRangeKind.From => new Permission(key, new byte[] { 0 }, access),

            // Up to the first key there can be: no key at all, which must not be taken for the end that is none.
            _ when range.End.Length == 1 && range.End.Span[0] == 0 => new Permission(default, key, access),
            _ => new Permission(key, range.End, access),
        };
    }

    public bool IsOfRange(ReadOnlySpan<byte> key, ReadOnlySpan<byte> rangeEnd) =>
        Key.Span.SequenceEqual(key) && RangeEnd.Span.SequenceEqual(rangeEnd);

    /// <summary>Apart from the log entry it was decoded from, which would otherwise live as long as the permission.</summary>
    public Permission Detach() => new(Key.ToArray(), RangeEnd.ToArray(), Access);
}
