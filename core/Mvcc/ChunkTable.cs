namespace RestKv.Core.Mvcc;

/// <summary>
/// Chunks by id. Adding a chunk happens in place; taking one out makes a new table and links it behind this one, so that
/// whoever holds this table keeps alive, through the collector alone, every chunk that was in use then or later. Pages
/// keep the cost of a new table small after terabytes of writing, when ids are many and chunks are few.
/// </summary>
internal sealed class ChunkTable
{
    private const int PageBits = 8;
    private const int PageSize = 1 << PageBits;

    private readonly Chunk?[]?[] _pages;
    private ChunkTable? _next;

    public ChunkTable()
        : this(new Chunk?[4][])
    {
    }

    private ChunkTable(Chunk?[]?[] pages) => _pages = pages;

    /// <summary>The table that came after this one.</summary>
    public ChunkTable? Next => Volatile.Read(ref _next);

    public Chunk? Find(int id)
    {
        var page = id >> PageBits;
        if (page >= _pages.Length)
        {
            return null;
        }

        var chunks = Volatile.Read(ref _pages[page]);
        return chunks is null ? null : Volatile.Read(ref chunks[id & (PageSize - 1)]);
    }

    /// <summary>Adds in place and returns this table, or a larger successor when there is no room.</summary>
    public ChunkTable With(Chunk chunk)
    {
        var page = chunk.Id >> PageBits;
        if (page >= _pages.Length)
        {
            var pages = new Chunk?[_pages.Length * 2][];
            _pages.CopyTo(pages, 0);
            return Link(new ChunkTable(pages)).With(chunk);
        }

        var chunks = _pages[page];
        if (chunks is null)
        {
            chunks = new Chunk?[PageSize];
            Volatile.Write(ref _pages[page], chunks);
        }

        Volatile.Write(ref chunks[chunk.Id & (PageSize - 1)], chunk);
        return this;
    }

    /// <summary>A successor that lacks the chunk.</summary>
    public ChunkTable Without(Chunk chunk)
    {
        var page = chunk.Id >> PageBits;
        Chunk?[]?[] pages = [.. _pages];
        Chunk?[] chunks = [.. pages[page] ?? []];
        chunks[chunk.Id & (PageSize - 1)] = null;
        pages[page] = Array.TrueForAll(chunks, static slot => slot is null) ? null : chunks;
        return Link(new ChunkTable(pages));
    }

    private ChunkTable Link(ChunkTable next)
    {
        Volatile.Write(ref _next, next);
        return next;
    }
}
