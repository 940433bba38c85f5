using System.Globalization;
using RestKv.Raft;

namespace RestKv.Storage.Wal;

/// <summary>A segment file as its name describes it: <c>wal/&lt;sequence&gt;-&lt;first index&gt;.wal</c>.</summary>
internal readonly record struct WalSegment(long Sequence, LogIndex FirstIndex)
{
    private const int Digits = 20;

    public string Path => $"{WalFormat.Directory}/{Name}";

    public string Name => string.Create(
        CultureInfo.InvariantCulture, $"{Sequence:D20}-{FirstIndex.Value:D20}{WalFormat.SegmentSuffix}");

    public static bool TryParse(string name, out WalSegment segment)
    {
        segment = default;
        if (name.Length != (2 * Digits) + 1 + WalFormat.SegmentSuffix.Length || name[Digits] != '-'
            || !name.EndsWith(WalFormat.SegmentSuffix, StringComparison.Ordinal)
            || !TryParseNumber(name.AsSpan(0, Digits), out var sequence)
            || !TryParseNumber(name.AsSpan(Digits + 1, Digits), out var first))
        {
            return false;
        }

        segment = new WalSegment(sequence, new LogIndex(first));
        return sequence > 0;
    }

    private static bool TryParseNumber(ReadOnlySpan<char> digits, out long value) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
