namespace RestKv.Core.Mvcc;

/// <summary>A record's place, packed: chunk id in the upper, offset in the lower half. 0 is "nothing".</summary>
internal static class Address
{
    public const long None = 0;

    public static long Of(Chunk chunk, int offset) => ((long)chunk.Id << 32) | (uint)offset;

    public static int ChunkId(long address) => (int)(address >> 32);

    public static int Offset(long address) => (int)address;
}
