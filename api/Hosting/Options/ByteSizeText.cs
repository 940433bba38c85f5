using System.Globalization;

namespace RestKv.Api.Hosting.Options;

/// <summary>Sizes: plain bytes, or a whole number with B, KiB, MiB, GiB, TiB (powers of 1024) or kB, MB, GB, TB (powers of 1000).</summary>
internal static class ByteSizeText
{
    private const string Fault = "must be a size: whole bytes, or a whole number with KiB, MiB, GiB, TiB, kB, MB, GB or TB";

    /// <summary>Largest unit first, so that <see cref="Show"/> takes the shortest text.</summary>
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("KB", 1_000), ("B", 1),
    ];

    public static Parsed<long> Parse(string text)
    {
        var (unit, bytes) = Array.Find(Units, candidate => text.EndsWith(candidate.Unit, StringComparison.Ordinal));
        var digits = unit is null ? text : text[..^unit.Length].TrimEnd(' ');
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count <= long.MaxValue / Math.Max(bytes, 1)
                ? count * Math.Max(bytes, 1)
                : new Parsed<long>(0, Fault);
    }

    public static string Show(long bytes)
    {
        var (unit, size) = Array.Find(
            Units,
            candidate => candidate.Unit.Contains('i', StringComparison.Ordinal) && bytes >= candidate.Bytes && bytes % candidate.Bytes == 0);
        return unit is null
            ? bytes.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / size}{unit}");
    }
}
