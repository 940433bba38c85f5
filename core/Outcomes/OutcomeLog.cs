using System.Buffers.Binary;
using System.Text;
using RestKv.Core.Commands;
using RestKv.Raft;

namespace RestKv.Core.Outcomes;

/// <summary>
/// Outcomes in arrival order, in 1 MiB chunks that are only appended to, so that a picture of the log for a snapshot is a
/// list of chunks and an end. Addresses are chunk number (upper half) and offset.
/// </summary>
public sealed class OutcomeLog
{
    private const int ChunkBytes = 1 << 20;
    private const int HeaderBytes = 44;
    private readonly List<byte[]> _chunks = [];
    private long _firstChunk;
    private int _headOffset;
    private int _tailOffset = ChunkBytes;

    public int Count { get; private set; }

    /// <summary>Of the entries: the same on every member, whatever their chunks are.</summary>
    public long Bytes { get; private set; }

    public long OldestTimeMs => Read(Head).TimeMs;

    private long Head => (_firstChunk << 32) | (uint)_headOffset;

    public long Append(
        ulong hash,
        ulong requestHash,
        long timeMs,
        IdempotencyStatus status,
        long revision,
        string author,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> result)
    {
        var authorBytes = Encoding.UTF8.GetByteCount(author);
        var length = HeaderBytes + authorBytes + key.Length + result.Length;
        Invariant.Check(length <= ChunkBytes);
        if (_tailOffset + length + 4 > ChunkBytes)
        {
            _chunks.Add(new byte[ChunkBytes]);
            _tailOffset = 0;
        }

        var at = _chunks[^1].AsSpan(_tailOffset, length);
        BinaryPrimitives.WriteInt32LittleEndian(at, length);
        BinaryPrimitives.WriteUInt64LittleEndian(at[4..], hash);
        BinaryPrimitives.WriteUInt64LittleEndian(at[12..], requestHash);
        BinaryPrimitives.WriteInt64LittleEndian(at[20..], timeMs);
        BinaryPrimitives.WriteInt64LittleEndian(at[28..], revision);
        at[36] = (byte)status;
        BinaryPrimitives.WriteUInt16LittleEndian(at[37..], (ushort)authorBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(at[39..], (ushort)key.Length);
        Encoding.UTF8.GetBytes(author, at[HeaderBytes..]);
        key.CopyTo(at[(HeaderBytes + authorBytes)..]);
        result.CopyTo(at[(HeaderBytes + authorBytes + key.Length)..]);
        var address = ((_firstChunk + _chunks.Count - 1) << 32) | (uint)_tailOffset;
        _tailOffset += length;
        Bytes += length;
        Count++;
        return address;
    }

    public OutcomeEntry Read(long address)
    {
        var chunk = _chunks[(int)((address >> 32) - _firstChunk)];
        return Parse(chunk, (int)(address & 0xffffffff), out _);
    }

    public (ulong Hash, long Address, long TimeMs) DropOldest()
    {
        Invariant.Check(Count > 0);
        var address = Head;
        var entry = Parse(_chunks[0], _headOffset, out var length);
        _headOffset += length;
        Bytes -= length;
        Count--;
        if (Count > 0 && !HasEntry(_chunks[0], _headOffset))
        {
            _chunks.RemoveAt(0);
            _firstChunk++;
            _headOffset = 0;
        }
        else if (Count == 0)
        {
            _firstChunk += _chunks.Count;
            _chunks.Clear();
            _headOffset = 0;
            _tailOffset = ChunkBytes;
        }

        return (entry.Hash, address, entry.TimeMs);
    }

    public Picture Capture() => new([.. _chunks], _headOffset, _tailOffset, Count);

    private static bool HasEntry(byte[] chunk, int offset) =>
        offset + 4 <= ChunkBytes && BinaryPrimitives.ReadInt32LittleEndian(chunk.AsSpan(offset)) != 0;

    private static OutcomeEntry Parse(byte[] chunk, int offset, out int length)
    {
        var at = chunk.AsSpan(offset);
        length = BinaryPrimitives.ReadInt32LittleEndian(at);
        int author = BinaryPrimitives.ReadUInt16LittleEndian(at[37..]);
        int key = BinaryPrimitives.ReadUInt16LittleEndian(at[39..]);
        return new OutcomeEntry(
            BinaryPrimitives.ReadUInt64LittleEndian(at[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(at[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(at[20..]),
            (IdempotencyStatus)at[36],
            BinaryPrimitives.ReadInt64LittleEndian(at[28..]),
            author == 0 ? "" : Encoding.UTF8.GetString(at.Slice(HeaderBytes, author)),
            chunk.AsMemory(offset + HeaderBytes + author, key),
            chunk.AsMemory(offset + HeaderBytes + author + key, length - HeaderBytes - author - key));
    }

    /// <summary>The log as it was at one moment; safe from any thread, because chunks are only appended to.</summary>
    public sealed class Picture
    {
        private readonly byte[][] _chunks;
        private readonly int _headOffset;
        private readonly int _tailOffset;

        internal Picture(byte[][] chunks, int headOffset, int tailOffset, int count)
        {
            _chunks = chunks;
            _headOffset = headOffset;
            _tailOffset = tailOffset;
            Count = count;
        }

        public int Count { get; }

        public IEnumerable<OutcomeEntry> Entries()
        {
            for (var chunk = 0; chunk < _chunks.Length; chunk++)
            {
                var offset = chunk == 0 ? _headOffset : 0;
                var end = chunk == _chunks.Length - 1 ? _tailOffset : ChunkBytes;
                while (offset < end && HasEntry(_chunks[chunk], offset))
                {
                    yield return Parse(_chunks[chunk], offset, out var length);
                    offset += length;
                }
            }
        }
    }
}
