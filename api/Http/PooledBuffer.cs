using System.Buffers;

namespace RestKv.Api.Http;

/// <summary>A growing buffer over rented arrays. Owned by one request at a time; keeps a small array between them.</summary>
internal sealed class PooledBuffer : IBufferWriter<byte>
{
    private const int BytesInitial = 4 * 1024;
    private const int BytesKeptMax = 128 * 1024;

    private byte[] _rented = ArrayPool<byte>.Shared.Rent(BytesInitial);

    public int WrittenCount { get; private set; }

    public ReadOnlyMemory<byte> WrittenMemory => _rented.AsMemory(0, WrittenCount);

    public void Advance(int count)
    {
        Raft.Invariant.Check(count >= 0 && count <= _rented.Length - WrittenCount);
        WrittenCount += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _rented.AsMemory(WrittenCount);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _rented.AsSpan(WrittenCount);
    }

    /// <summary>Forgets what was written and keeps the array.</summary>
    public void Clear() => WrittenCount = 0;

    /// <summary>Forgets what was written and gives a large array back.</summary>
    public void Release()
    {
        WrittenCount = 0;
        if (_rented.Length > BytesKeptMax)
        {
            ArrayPool<byte>.Shared.Return(_rented);
            _rented = ArrayPool<byte>.Shared.Rent(BytesInitial);
        }
    }

    /// <summary>Gives the array back for good.</summary>
    public void Abandon()
    {
        ArrayPool<byte>.Shared.Return(_rented);
        _rented = [];
        WrittenCount = 0;
    }

    private void Reserve(int sizeHint)
    {
        var needed = WrittenCount + Math.Max(sizeHint, 1);
        if (needed <= _rented.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, (int)Math.Min(Array.MaxLength, 2L * _rented.Length)));
        _rented.AsSpan(0, WrittenCount).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_rented);
        _rented = larger;
    }
}
