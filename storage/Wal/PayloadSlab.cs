namespace RestKv.Storage.Wal;

/// <summary>Copies payloads into large pieces of memory, so that a long log does not come back as many small objects.</summary>
internal sealed class PayloadSlab
{
    private const int SlabBytes = 1 << 20;

    /// <summary>A payload larger than this gets memory of its own instead of wasting the rest of a slab.</summary>
    private const int OwnBytesMin = SlabBytes / 4;

    private byte[] _slab = [];
    private int _used;

    public ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        if (payload.Length >= OwnBytesMin)
        {
            return payload.ToArray();
        }

        if (_slab.Length - _used < payload.Length)
        {
            _slab = GC.AllocateUninitializedArray<byte>(SlabBytes);
            _used = 0;
        }

        payload.CopyTo(_slab.AsSpan(_used));
        var copy = _slab.AsMemory(_used, payload.Length);
        _used += payload.Length;
        return copy;
    }
}
