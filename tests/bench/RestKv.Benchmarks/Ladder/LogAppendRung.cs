using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Storage;
using RestKv.Testing;

namespace RestKv.Benchmarks.Ladder;

/// <summary>The write-ahead log: framed, chained and checksummed entries, flushed once a round.</summary>
internal sealed class LogAppendRung : ILadderRung
{
    private static readonly NodeId Self = new(1);
    private static readonly Term FirstTerm = new(1);

    private readonly TempFolder _folder = new();
    private readonly byte[] _payload = new byte[LadderData.EntryBytes];
    private ReplicaStore _store;
    private long _sequence;

    public LogAppendRung()
    {
        new Random(1).NextBytes(_payload);
        _store = Open();
        _store.Log.Append(new PersistBatch(
            default, new HardState(FirstTerm, Self, LogIndex.Zero), [], Snapshot: null, NeedsFlush: true));
        _store.Log.Flush();
    }

    public void Prepare() => _store.Maintain();

    public Task PutAsync(int puts, int callers)
    {
        for (var left = puts; left > 0; left -= callers)
        {
            var entries = new Entry[Math.Min(left, callers)];
            var index = _store.Log.LastIndex;
            for (var i = 0; i < entries.Length; i++)
            {
                index = index.Next;
                entries[i] = new Entry(index, FirstTerm, EntryKind.Command, _payload);
            }

            var mark = new PersistMark(++_sequence, index, FirstTerm);
            _store.Log.Append(new PersistBatch(mark, null, entries, Snapshot: null, NeedsFlush: true));
            _store.Log.Flush();
        }

        return Task.CompletedTask;
    }

    /// <summary>Opens the log again and counts what recovery finds.</summary>
    public Task<long> CountAsync()
    {
        _store.Dispose();
        _store = Open();
        return Task.FromResult((long)_store.Image.Entries.Count);
    }

    public ValueTask DisposeAsync()
    {
        _store.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private ReplicaStore Open() => ReplicaStore.Open(
        new PhysicalFileSystem(_folder.Path),
        new StoreOptions { Fresh = new FreshStore(new ClusterId(1), Self, new Membership([Self], []), Salt: 1) });
}
