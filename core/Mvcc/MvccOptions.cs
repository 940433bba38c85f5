using RestKv.Raft;

namespace RestKv.Core.Mvcc;

/// <summary>
/// Sizes of the multi-version store. They change memory and speed, never an answer: tests run tiny sizes against the
/// defaults and compare.
/// </summary>
public sealed record MvccOptions
{
    public static readonly MvccOptions Default = new();

    /// <summary>Size of the chunks that records are written into. Records above an eighth of it get chunks of their own.</summary>
    public int ChunkBytes { get; init; } = 1 << 20;

    /// <summary>The change log can be entered every so many bytes; a seek scans at most this much.</summary>
    public int RunBytes { get; init; } = 16 << 10;

    /// <summary>A leaf of the index splits above this many keys.</summary>
    public int LeafKeysMax { get; init; } = 48;

    /// <summary>A leaf of the index splits above this many bytes (unless it holds one key only).</summary>
    public int LeafBytesMax { get; init; } = 2048;

    /// <summary>An inner node of the index splits above this many children.</summary>
    public int FanOutMax { get; init; } = 128;

    /// <summary>A chunk whose living share falls below this is emptied and freed by compaction.</summary>
    public int SparsePercent { get; init; } = 60;

    /// <summary>Longest key; the record format allows no more than 65 535.</summary>
    public int KeyBytesMax { get; init; } = ushort.MaxValue;

    /// <summary>Longest value; also the bound for what a snapshot may make us allocate at once.</summary>
    public int ValueBytesMax { get; init; } = 64 << 20;

    internal void Check()
    {
        Invariant.Check(ChunkBytes >= 1024 && ChunkBytes <= 1 << 28 && ChunkBytes % 8 == 0);
        Invariant.Check(RunBytes >= 1);
        Invariant.Check(LeafKeysMax >= 2);
        Invariant.Check(LeafBytesMax >= 64);
        Invariant.Check(FanOutMax >= 4);
        Invariant.Check(SparsePercent is >= 0 and < 100);
        Invariant.Check(KeyBytesMax is > 0 and <= ushort.MaxValue);
        Invariant.Check(ValueBytesMax is > 0 and <= 1 << 30);
    }
}
