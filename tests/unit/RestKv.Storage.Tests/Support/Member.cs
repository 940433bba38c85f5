using System.Buffers.Binary;
using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Storage.Snapshots;

namespace RestKv.Storage.Tests.Support;

/// <summary>
/// Drives a store as a replica would and keeps a ledger of what it was promised: what must be recovered whatever
/// happens, and what may be recovered because it was under way.
/// </summary>
internal sealed class Member(IFileSystem files, StoreOptions options, ulong seed = 1)
{
    private readonly SplitMix64 _random = new(seed);
    private LogModel _appended = LogModel.Empty;
    private long _sequence;
    private long _commit;
    private ReplicaStore? _store;

    /// <summary>The state of the last flush that returned.</summary>
    public LogModel Promised { get; private set; } = LogModel.Empty;

    /// <summary>States that are allowed besides, because they were on their way to the disk.</summary>
    public List<LogModel> UnderWay { get; } = [];

    /// <summary>Index of the newest snapshot that was completed.</summary>
    public long PromisedSnapshot { get; private set; }

    public long Incarnation { get; private set; }

    public ReplicaStore Store => Invariant.NotNull(_store);

    public LogModel Appended => _appended;

    /// <summary>The same ledger over a copy of the disk.</summary>
    public Member On(IFileSystem other)
    {
        var twin = new Member(other, options, seed + 1)
        {
            _appended = _appended,
            _sequence = _sequence,
            _commit = _commit,
            Promised = Promised,
            PromisedSnapshot = PromisedSnapshot,
            Incarnation = Incarnation,
        };
        twin.UnderWay.AddRange(UnderWay);
        return twin;
    }

    public void Open()
    {
        _store = ReplicaStore.Open(files, options);
        Assert.True(Store.Identity.Incarnation > Incarnation);
        Incarnation = Store.Identity.Incarnation;
        CheckRecovered();
        UnderWay.Clear();
        _appended = Promised;
        _commit = Store.Image.HardState.Commit.Value;
        Store.Snapshot?.Dispose();
    }

    public void Close() => Store.Dispose();

    /// <summary>The process is gone without a word.</summary>
    public void Forget() => _store = null;

    public void Append(int count, int payloadBytes, bool flush = true) =>
        AppendFrom(_appended.Last + 1, count, payloadBytes, flush);

    /// <summary>Overwrites the end of the log in a new term.</summary>
    public void Overwrite(int entriesBack, int count, int payloadBytes)
    {
        SetHardState(_appended.Term.Next, new NodeId(2));
        AppendFrom(Math.Max(_commit, _appended.Last - entriesBack) + 1, count, payloadBytes, flush: true);
    }

    public void SetHardState(Term term, NodeId vote, bool flush = true) =>
        Do(new PersistBatch(NextMark(), new HardState(term, vote, new LogIndex(_commit)), [], null, true), flush);

    public void Commit() => _commit = _appended.Last;

    /// <summary>Saves the state at the committed index, as the snapshot worker does, and trims.</summary>
    public void SaveSnapshot(int keepEntries, int dataBytes = 100)
    {
        if (_commit == 0 || !Promised.Entries.TryGetValue(_commit, out var at))
        {
            return;
        }

        var mark = new SnapshotMark(new LogIndex(_commit), new Term(at.Term), Stores.Membership);
        WriteSnapshot(mark, dataBytes);
        Store.SnapshotSaved(mark, new LogIndex(Math.Max(1, _commit + 1 - keepEntries)));
    }

    /// <summary>A snapshot from the leader takes the place of the log.</summary>
    public void InstallSnapshot(int ahead)
    {
        var mark = new SnapshotMark(new LogIndex(_appended.Last + ahead), _appended.Term, Stores.Membership);
        var batch = new PersistBatch(NextMark(), null, [], mark, true);
        UnderWay.Add(_appended.With(batch));
        WriteSnapshot(mark, 100);
        Do(batch, flush: true);
        _commit = mark.Index.Value;
        Store.SnapshotSaved(mark, mark.Index.Next);
    }

    public static byte[] SnapshotBytes(LogIndex index, int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
        {
            bytes[i] = (byte)((index.Value * 31) + i);
        }

        return bytes;
    }

    /// <summary>Checks what the store reports against the ledger; then the ledger is what was found.</summary>
    public void CheckRecovered()
    {
        var image = Store.Image;
        var found = UnderWay.Prepend(Promised).FirstOrDefault(model => model.Differs(image) is null);
        Assert.True(found is not null, Promised.Differs(image));
        Assert.True(image.Snapshot.Index.Value >= PromisedSnapshot, "an older snapshot than was promised");
        if (Store.Snapshot is { } snapshot)
        {
            var bytes = ReadAll(snapshot);
            Assert.Equal(SnapshotBytes(snapshot.Mark.Index, bytes.Length), bytes);
            Assert.Equal(Stores.Membership, snapshot.Mark.Membership);
        }

        Promised = found;
        PromisedSnapshot = Math.Max(PromisedSnapshot, image.Snapshot.Index.Value);
    }

    public static byte[] ReadAll(SnapshotReader reader)
    {
        var bytes = new byte[reader.DataBytes];
        var done = 0;
        while (reader.Read(bytes.AsSpan(done)) is var count and > 0)
        {
            done += count;
        }

        Assert.Equal(bytes.Length, done);
        return bytes;
    }

    public void Do(PersistBatch batch, bool flush)
    {
        _appended = _appended.With(batch);
        UnderWay.Add(_appended);
        Store.Log.Append(batch);
        if (flush)
        {
            Flush();
        }
    }

    public void Flush()
    {
        var mark = Store.Log.Flush();
        Assert.Equal(_sequence, mark.Sequence);
        Promised = _appended;
        UnderWay.Clear();
    }

    private void AppendFrom(long first, int count, int payloadBytes, bool flush)
    {
        var entries = new Entry[count];
        for (var i = 0; i < count; i++)
        {
            var payload = new byte[payloadBytes];
            payload.AsSpan().Fill((byte)_random.Next(256));
            if (payloadBytes >= sizeof(ulong))
            {
                BinaryPrimitives.WriteUInt64LittleEndian(payload, _random.Next());
            }

            entries[i] = new Entry(new LogIndex(first + i), _appended.Term, EntryKind.Command, payload);
        }

        Do(new PersistBatch(NextMark(), null, entries, null, true), flush);
    }

    private void WriteSnapshot(SnapshotMark mark, int dataBytes)
    {
        using var writer = Store.CreateSnapshot(mark);
        writer.Write(SnapshotBytes(mark.Index, dataBytes));
        writer.Complete();
        PromisedSnapshot = Math.Max(PromisedSnapshot, mark.Index.Value);
    }

    private PersistMark NextMark() => new(++_sequence, new LogIndex(_appended.Last), _appended.Term);
}
