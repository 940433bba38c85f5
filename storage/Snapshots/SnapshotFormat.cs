using System.Globalization;
using RestKv.Raft;

namespace RestKv.Storage.Snapshots;

/// <summary>Sizes and names of the snapshot format, version 1 (DESIGN.md, "Snapshot format").</summary>
internal static class SnapshotFormat
{
    public const uint Version = 1;
    public const string Directory = "snapshots";
    public const string Suffix = ".snap";
    public const string PartSuffix = ".part";

    public const int HeaderBytes = 1024;
    public const int ChunkHeaderBytes = 16;
    public const int ChunkBytes = 1 << 20;
    public const int FooterBytes = 64;

    private const int Digits = 20;

    public static string PathOf(LogIndex index, Term term) =>
        string.Create(CultureInfo.InvariantCulture, $"{Directory}/{index.Value:D20}-{term.Value:D20}{Suffix}");

    public static bool TryParseName(string name, out LogIndex index, out Term term)
    {
        index = default;
        term = default;
        if (name.Length != (2 * Digits) + 1 + Suffix.Length || name[Digits] != '-'
            || !name.EndsWith(Suffix, StringComparison.Ordinal)
            || !long.TryParse(name.AsSpan(0, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out var indexValue)
            || !long.TryParse(
                name.AsSpan(Digits + 1, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out var termValue))
        {
            return false;
        }

        index = new LogIndex(indexValue);
        term = new Term(termValue);
        return true;
    }

    /// <summary>Length of a file that holds so much data.</summary>
    public static long FileBytes(long dataBytes)
    {
        var chunks = (dataBytes + ChunkBytes - 1) / ChunkBytes;
        return HeaderBytes + dataBytes + (chunks * ChunkHeaderBytes) + FooterBytes;
    }
}
