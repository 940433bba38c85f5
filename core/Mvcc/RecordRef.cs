namespace RestKv.Core.Mvcc;

/// <summary>A resolved address. Holding it keeps the chunk alive.</summary>
internal readonly struct RecordRef(Chunk chunk, int offset)
{
    public Chunk Chunk => chunk;

    public int Offset => offset;

    public ref RecordHeader Header => ref chunk.Header(offset);

    public ReadOnlyMemory<byte> Key => chunk.KeyMemory(offset);

    public ReadOnlyMemory<byte> Value => chunk.ValueMemory(offset);

    public ReadOnlySpan<byte> KeySpan => chunk.Key(offset);

    public ReadOnlySpan<byte> Content => chunk.Content(offset);
}
