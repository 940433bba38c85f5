namespace RestKv.Api.Http;

/// <summary>FNV-1a, 64 bits: tells queries apart and finds damaged cursors. It protects nothing from anybody.</summary>
internal struct Fnv64
{
    private const ulong OffsetBasis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    private ulong _state;

    public static Fnv64 New() => new() { _state = OffsetBasis };

    public readonly ulong Value => _state;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
        {
            _state = (_state ^ one) * Prime;
        }
    }

    /// <summary>A number, which also keeps neighbouring fields apart.</summary>
    public void Add(long number)
    {
        for (var shift = 0; shift < 64; shift += 8)
        {
            _state = (_state ^ (byte)(number >> shift)) * Prime;
        }
    }
}
