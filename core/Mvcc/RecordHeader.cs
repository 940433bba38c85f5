using System.Runtime.InteropServices;

namespace RestKv.Core.Mvcc;

/// <summary>
/// What stands before the key and value bytes of a record, one record being one version (or deletion) of one key. It lives
/// inside a chunk and is never written to disk in this form. After publication only <see cref="Previous"/>,
/// <see cref="Next"/> and <see cref="Flags"/> are written, each in one store that cannot tear.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
internal struct RecordHeader
{
    public const int Bytes = 80;

    /// <summary>Address of the version before; it may dangle when no view that could follow it is left.</summary>
    [FieldOffset(0)]
    public long Previous;

    /// <summary>Address of the version after, 0 for the newest. Read by the writer only; it may dangle likewise.</summary>
    [FieldOffset(8)]
    public long Next;

    [FieldOffset(16)]
    public long ModRevision;

    [FieldOffset(24)]
    public long CreateRevision;

    /// <summary>0 in a deletion.</summary>
    [FieldOffset(32)]
    public long Version;

    [FieldOffset(40)]
    public long WallTimeMs;

    [FieldOffset(48)]
    public long Lease;

    /// <summary>
    /// Bytes of all records that were superseded, or were deletions, from the start of this state up to this record, its
    /// own effect apart: what a compaction just below its revision gives up, known without walking anything.
    /// </summary>
    [FieldOffset(56)]
    public long RetiredBytes;

    [FieldOffset(64)]
    public int ValueLength;

    [FieldOffset(68)]
    public int SubRevision;

    /// <summary>Index into the <see cref="AuthorTable"/>.</summary>
    [FieldOffset(72)]
    public int Author;

    [FieldOffset(76)]
    public ushort KeyLength;

    /// <summary>A <see cref="Model.DeleteCause"/>; not zero in deletions.</summary>
    [FieldOffset(78)]
    public byte Cause;

    [FieldOffset(79)]
    public RecordFlags Flags;

    public readonly bool IsDeletion => Cause != 0;

    /// <summary>Bytes the record takes in a chunk, padding included.</summary>
    public readonly int Size => SizeOf(KeyLength, ValueLength);

    public static int SizeOf(int keyLength, int valueLength) => (Bytes + keyLength + valueLength + 7) & ~7;
}

[Flags]
internal enum RecordFlags : byte
{
    None = 0,

    /// <summary>No later change shares the revision. Set when the request closes, before publication.</summary>
    LastOfRevision = 1,

    /// <summary>Already taken off its chunk's live bytes; the writer's note to itself.</summary>
    CountedDead = 2,
}
