using RestKv.Storage;
using RestKv.Testing;

namespace RestKv.Benchmarks.Ladder;

/// <summary>The disk alone: as many bytes as the waiting puts need, written to a preallocated file and synced, once a round.</summary>
internal sealed class RawSyncRung : ILadderRung
{
    private const long FileBytes = 64L << 20;
    private const string Name = "raw";

    private readonly TempFolder _folder = new();
    private readonly IFile _file;
    private readonly byte[] _bytes = new byte[FileBytes / 64];
    private long _offset;
    private long _written;

    public RawSyncRung()
    {
        _file = new PhysicalFileSystem(_folder.Path).Create(Name, FileBytes);
        new Random(1).NextBytes(_bytes);
    }

    public void Prepare()
    {
    }

    public Task PutAsync(int puts, int callers)
    {
        for (var left = puts; left > 0; left -= callers)
        {
            var round = Math.Min(left, callers);
            var length = round * LadderData.EntryBytes;
            _offset = _offset + length > FileBytes ? 0 : _offset;
            _file.WriteAt(_offset, _bytes.AsSpan(0, length));
            _file.Sync();
            _offset += length;
            _written += round;
        }

        return Task.CompletedTask;
    }

    public Task<long> CountAsync() => Task.FromResult(_file.Length == FileBytes ? _written : -1);

    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
