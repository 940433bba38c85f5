using System.Globalization;

namespace RestKv.Storage.Wal;

/// <summary>A place in the log: an offset within the segment of that sequence number. Ordered as the log is written.</summary>
public readonly record struct WalPosition(long Segment, long Offset) : IComparable<WalPosition>
{
    public static readonly WalPosition Start;

    public int CompareTo(WalPosition other) =>
        Segment != other.Segment ? Segment.CompareTo(other.Segment) : Offset.CompareTo(other.Offset);

    public static bool operator <(WalPosition left, WalPosition right) => left.CompareTo(right) < 0;

    public static bool operator >(WalPosition left, WalPosition right) => left.CompareTo(right) > 0;

    public static bool operator <=(WalPosition left, WalPosition right) => left.CompareTo(right) <= 0;

    public static bool operator >=(WalPosition left, WalPosition right) => left.CompareTo(right) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Segment}:{Offset}");
}
