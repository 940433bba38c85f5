namespace RestKv.Core.Model;

/// <summary>How a <see cref="KeyRange"/> ends.</summary>
public enum KeyRangeKind : byte
{
    /// <summary>Exactly <see cref="KeyRange.Start"/>.</summary>
    Single = 0,

    /// <summary>Start inclusive, end exclusive; empty when the end is not above the start.</summary>
    HalfOpen = 1,

    /// <summary>Start inclusive, no end.</summary>
    From = 2,
}

/// <summary>A set of keys that is contiguous in byte order. Memory is shared and never changes.</summary>
public readonly record struct KeyRange(KeyRangeKind Kind, ReadOnlyMemory<byte> Start, ReadOnlyMemory<byte> End)
{
    /// <summary>Every key.</summary>
    public static readonly KeyRange All = new(KeyRangeKind.From, default, default);

    public static KeyRange Single(ReadOnlyMemory<byte> key) => new(KeyRangeKind.Single, key, default);

    public static KeyRange Between(ReadOnlyMemory<byte> start, ReadOnlyMemory<byte> end) =>
        new(KeyRangeKind.HalfOpen, start, end);

    public static KeyRange From(ReadOnlyMemory<byte> start) => new(KeyRangeKind.From, start, default);

    /// <summary>All keys that begin with <paramref name="prefix"/>; the empty prefix is every key.</summary>
    public static KeyRange Prefix(ReadOnlyMemory<byte> prefix)
    {
        var last = prefix.Length - 1;
        while (last >= 0 && prefix.Span[last] == 0xff)
        {
            last--;
        }

        if (last < 0)
        {
            return From(prefix);
        }

        var end = prefix[..(last + 1)].ToArray();
        end[last]++;
        return Between(prefix, end);
    }

    public bool IsEmpty => Kind == KeyRangeKind.HalfOpen && Start.Span.SequenceCompareTo(End.Span) >= 0;

    public bool Contains(ReadOnlySpan<byte> key) => Kind switch
    {
        KeyRangeKind.Single => key.SequenceEqual(Start.Span),
        KeyRangeKind.From => key.SequenceCompareTo(Start.Span) >= 0,
        _ => key.SequenceCompareTo(Start.Span) >= 0 && key.SequenceCompareTo(End.Span) < 0,
    };

    /// <summary>True when at least one key could be in both.</summary>
    public bool Overlaps(in KeyRange other)
    {
        if (Kind == KeyRangeKind.Single)
        {
            return other.Contains(Start.Span);
        }

        if (other.Kind == KeyRangeKind.Single)
        {
            return Contains(other.Start.Span);
        }

        return !IsEmpty && !other.IsEmpty
            && (Kind == KeyRangeKind.From || other.Start.Span.SequenceCompareTo(End.Span) < 0)
            && (other.Kind == KeyRangeKind.From || Start.Span.SequenceCompareTo(other.End.Span) < 0);
    }

    public bool Equals(KeyRange other) => Kind == other.Kind
        && Start.Span.SequenceEqual(other.Start.Span) && End.Span.SequenceEqual(other.End.Span);

    public override int GetHashCode() => (int)Kind + (31 * Start.Length) + (961 * End.Length);
}
