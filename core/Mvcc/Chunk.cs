using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RestKv.Core.Mvcc;

/// <summary>A block of memory that records are appended to. The id is never used again, not even after it was freed.</summary>
internal sealed class Chunk(int id, int size)
{
    /// <summary>Stands where there is no chunk yet.</summary>
    public static readonly Chunk Nothing = new(0, 0);

    public readonly int Id = id;

    public readonly byte[] Data = GC.AllocateUninitializedArray<byte>(size);

    /// <summary>Bytes appended so far. The writer's, as all that follows.</summary>
    public int Used;

    /// <summary>Bytes of records that are not yet known to be dead.</summary>
    public int LiveBytes;

    /// <summary>Highest revision in it.</summary>
    public long LastRevision;

    public ChunkStage Stage;

    public ref RecordHeader Header(int offset)
    {
        _ = Data[offset + RecordHeader.Bytes - 1];
        return ref Unsafe.As<byte, RecordHeader>(
            ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(Data), offset));
    }

    public ReadOnlySpan<byte> Key(int offset) =>
        Data.AsSpan(offset + RecordHeader.Bytes, Header(offset).KeyLength);

    /// <summary>Key and value, which lie side by side.</summary>
    public ReadOnlySpan<byte> Content(int offset)
    {
        ref var header = ref Header(offset);
        return Data.AsSpan(offset + RecordHeader.Bytes, header.KeyLength + header.ValueLength);
    }

    public ReadOnlyMemory<byte> KeyMemory(int offset) => new(Data, offset + RecordHeader.Bytes, Header(offset).KeyLength);

    public ReadOnlyMemory<byte> ValueMemory(int offset)
    {
        ref var header = ref Header(offset);
        return new(Data, offset + RecordHeader.Bytes + header.KeyLength, header.ValueLength);
    }
}

/// <summary>Where a chunk stands in its life; see DESIGN.md, "Giving space back".</summary>
internal enum ChunkStage : byte
{
    /// <summary>Records are being appended.</summary>
    Open = 0,

    /// <summary>Full, part of the change log, waiting for compaction to pass it.</summary>
    Logged = 1,

    /// <summary>Holds only records that compaction decided to keep.</summary>
    Settled = 2,

    /// <summary>Settled and so sparse that it waits to be emptied.</summary>
    Sparse = 3,
}
