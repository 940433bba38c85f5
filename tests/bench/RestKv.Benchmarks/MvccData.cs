using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Benchmarks;

/// <summary>A store of 24-byte keys in no order and 256-byte values, and the means to keep asking and changing it.</summary>
internal sealed class MvccData
{
    private const int PublishEvery = 16;

    private readonly SplitMix64 _random = new(42);
    private readonly byte[] _key = new byte[24];
    private readonly byte[] _value = new byte[256];
    private readonly int _keys;
    private long _next;
    private int _writes;

    public MvccData(int keys)
    {
        _keys = keys;
        "key/"u8.CopyTo(_key);
        State = new MvccState(MvccOptions.Default);
        for (var i = 0; i < keys; i++)
        {
            Insert();
        }

        View = State.Publish();
    }

    public MvccState State { get; }

    public ReadView View { get; private set; }

    public int Lookup()
    {
        MakeKey(_random.Next(_keys));
        return View.TryGet(_key, out var found) ? found.Value.Length : -1;
    }

    public int Range(int limit)
    {
        MakeKey(_random.Next(_keys));
        return View.Range(new RangeRequest(KeyRange.From(_key.AsMemory().ToArray())) { Limit = limit }).Items.Count;
    }

    public void Update()
    {
        MakeKey(_random.Next(_keys));
        Put();
    }

    public void Insert()
    {
        MakeKey(_next++);
        Put();
    }

    public SnapshotInMemory Snapshot()
    {
        var snapshot = new SnapshotInMemory();
        MvccSnapshot.Write(State.Publish(), snapshot);
        return snapshot;
    }

    private void Put()
    {
        State.Begin(1, "bench");
        State.Put(_key, _value, LeaseId.None);
        State.End();
        if (++_writes % PublishEvery == 0)
        {
            View = State.Publish();
        }
    }

    private void MakeKey(long number)
    {
        var scattered = new SplitMix64((ulong)number).Next();
        scattered.TryFormat(_key.AsSpan(4), out _, "x16");
        (number & 0xffff).TryFormat(_key.AsSpan(20), out _, "x4");
    }

    /// <summary>A snapshot that is written once and read as often as wanted.</summary>
    internal sealed class SnapshotInMemory : ISnapshotSink, ISnapshotSource
    {
        private readonly List<byte[]> _parts = [];
        private int _part;
        private int _offset;

        public long Length { get; private set; }

        public void Write(ReadOnlySpan<byte> bytes)
        {
            _parts.Add(bytes.ToArray());
            Length += bytes.Length;
        }

        public int Read(Span<byte> into)
        {
            if (_part == _parts.Count)
            {
                return 0;
            }

            var part = _parts[_part].AsSpan(_offset);
            var length = Math.Min(part.Length, into.Length);
            part[..length].CopyTo(into);
            (_part, _offset) = length == part.Length ? (_part + 1, 0) : (_part, _offset + length);
            return length;
        }

        public SnapshotInMemory Rewind()
        {
            (_part, _offset) = (0, 0);
            return this;
        }
    }
}
