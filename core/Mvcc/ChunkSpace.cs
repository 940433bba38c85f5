using RestKv.Raft;

namespace RestKv.Core.Mvcc;

/// <summary>All chunks of one state. The writer adds and frees; readers only resolve addresses.</summary>
internal sealed class ChunkSpace
{
    private ChunkTable _latest = new();
    private int _lastId;

    public ChunkTable Latest => Volatile.Read(ref _latest);

    /// <summary>Bytes of all chunks in use; what old views still keep alive is not in it.</summary>
    public long Bytes { get; private set; }

    public Chunk Allocate(int size)
    {
        var chunk = new Chunk(++_lastId, size);
        Bytes += size;
        Volatile.Write(ref _latest, _latest.With(chunk));
        return chunk;
    }

    public void Free(Chunk chunk)
    {
        Bytes -= chunk.Data.Length;
        Volatile.Write(ref _latest, _latest.Without(chunk));
    }

    /// <summary>The writer's own lookup; null when the chunk was freed.</summary>
    public Chunk? Find(long address) => _latest.Find(Address.ChunkId(address));

    /// <summary>
    /// A reader's lookup through the table its view captured. A chunk that is not in it is newer; nearly always it is
    /// still in use, else it is found in one of the tables between.
    /// </summary>
    public Chunk Resolve(ChunkTable captured, long address)
    {
        var id = Address.ChunkId(address);
        return captured.Find(id) ?? ResolveNewer(captured, id);
    }

    private Chunk ResolveNewer(ChunkTable captured, int id)
    {
        var chunk = Latest.Find(id);
        for (var table = captured.Next; chunk is null && table is not null; table = table.Next)
        {
            chunk = table.Find(id);
        }

        return Invariant.NotNull(chunk);
    }
}
