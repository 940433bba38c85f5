using RestKv.Raft;

namespace RestKv.Storage.Wal;

/// <summary>Sizes and constants of the log format, version 1 (DESIGN.md, "Log format").</summary>
internal static class WalFormat
{
    public const uint Version = 1;

    /// <summary>Frames start on sector borders: a torn write of one flush cannot touch a sector of the one before.</summary>
    public const int SectorBytes = 512;

    /// <summary>Smallest segment that makes sense: its header and a few frames.</summary>
    public const int SegmentBytesMin = 8 * SectorBytes;

    /// <summary>More than the caller ever merges into one flush; bounds what recovery allocates on a header's word.</summary>
    public const int FrameBytesMax = 1 << 30;

    public const string Directory = "wal";
    public const string SegmentSuffix = ".wal";
    public const string SpareSuffix = ".spare";

    /// <summary>A file that is still being made; removed when the directory is opened.</summary>
    public const string PartSuffix = ".part";

    public static int AlignToSector(int bytes) => (bytes + SectorBytes - 1) & ~(SectorBytes - 1);

    public static long AlignToSector(long bytes) => (bytes + SectorBytes - 1) & ~((long)SectorBytes - 1);

    /// <summary>
    /// A number that only this member's use of this segment has. It is mixed into every check sum and not stored in
    /// frames: neither another file's sectors nor bytes chosen by a client can pass for a frame of this segment.
    /// </summary>
    public static ulong SegmentSalt(ulong logSalt, long segment) =>
        new SplitMix64(logSalt ^ ((ulong)segment * 0x9E3779B97F4A7C15UL)).Next();
}
