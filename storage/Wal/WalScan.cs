using RestKv.Raft;

namespace RestKv.Storage.Wal;

/// <summary>
/// Reads a log from its first segment to its last whole frame. Changes nothing on disk. Where it stops, the rest is
/// searched for proof that more had been durable (DESIGN.md, "Recovery"): with proof it is damage, and refused;
/// without, it is the torn end of a flush that nobody was promised.
/// </summary>
internal sealed class WalScan
{
    private readonly IFileSystem _files;
    private readonly WalOwner _owner;
    private readonly WalContents _contents;
    private readonly Action<WalFrameHeader, WalPosition>? _onFrame;
    private IReadOnlyList<WalSegment> _segments = [];

    // End of the last whole frame, and where the next one is looked for: the same, but at the start of a segment.
    private WalPosition _end;
    private WalPosition _next;
    private uint _chain;
    private long _nextFlush = 1;
    private WalPosition _lastFrame;
    private bool _endsWithWitness;
    private int _segmentsAccepted;

    /// <param name="files">The data directory.</param>
    /// <param name="owner">Whose log it must be.</param>
    /// <param name="keepFrom">Entries below this index are checked but not kept in memory.</param>
    /// <param name="onFrame">Told of each whole frame and its end; for the tools.</param>
    public WalScan(
        IFileSystem files, WalOwner owner, LogIndex keepFrom, Action<WalFrameHeader, WalPosition>? onFrame = null)
    {
        _files = files;
        _owner = owner;
        _contents = new WalContents(keepFrom);
        _onFrame = onFrame;
    }

    /// <exception cref="WalCorruptException">Promised data is damaged.</exception>
    public WalScanResult Run()
    {
        _segments = ListSegments(_files);
        CheckSequence();
        var bad = ReadAll();
        var torn = JudgeRest(bad);
        var live = _segments.Take(_segmentsAccepted).ToArray();
        return new WalScanResult
        {
            Contents = _contents,
            Tail = new WalTail
            {
                Segments = live,
                End = live.Length == 0 ? WalPosition.Start : _end,
                EndsWithWitness = _endsWithWitness,
                Chain = _chain,
                NextFlush = _nextFlush,
                LastIndex = _contents.Last,
                HardState = _contents.HardState,
                Base = _contents.Base,
            },
            LastFrame = _lastFrame,
            Discarded = [.. _segments.Skip(_segmentsAccepted)],
            Torn = torn,
        };
    }

    public static IReadOnlyList<WalSegment> ListSegments(IFileSystem files)
    {
        var segments = new List<WalSegment>();
        foreach (var name in files.List(WalFormat.Directory))
        {
            if (WalSegment.TryParse(name, out var segment))
            {
                segments.Add(segment);
            }
        }

        return segments; // ordinal order of the names is the order of the numbers
    }

    private void CheckSequence()
    {
        for (var i = 1; i < _segments.Count; i++)
        {
            var expected = _segments[i - 1].Sequence + 1;
            if (_segments[i].Sequence != expected)
            {
                throw Corrupt(
                    _segments[i], 0, $"segment {expected} that should stand before it is missing or there twice");
            }
        }
    }

    /// <summary>Accepts frames until the first that is not whole; returns the place where it should have been.</summary>
    private WalPosition ReadAll()
    {
        for (var i = 0; i < _segments.Count; i++)
        {
            using var reader = new SegmentReader(_files, _segments[i].Path);
            if (!TryEnter(reader, i))
            {
                return i == 0 ? new WalPosition(_segments[0].Sequence, 0) : _next;
            }

            ReadFrames(reader, i);
        }

        return _next;
    }

    private bool TryEnter(SegmentReader reader, int position)
    {
        var segment = _segments[position];
        if (!TryReadHeader(reader, segment, out var header))
        {
            return false;
        }

        if (position == 0)
        {
            _chain = header.PreviousChain;
            _nextFlush = header.FirstFlush;
            _end = header.PreviousEnd;
            _contents.BeginAt(header.FirstIndex);
            return true;
        }

        // An intact header was written when what it says of the segment before was durable: it must be so still.
        if (header.PreviousEnd > _next)
        {
            throw Corrupt(
                SegmentOf(_next.Segment), _next.Offset,
                $"the log is known to have been durable up to {header.PreviousEnd}");
        }

        return header.PreviousEnd == _end && header.PreviousChain == _chain && header.FirstFlush == _nextFlush
            ? true
            : throw Corrupt(segment, 0, "the segment does not continue the one before it");
    }

    private bool TryReadHeader(SegmentReader reader, WalSegment segment, out WalSegmentHeader header) =>
        WalSegmentHeader.TryRead(reader.Read(0, WalFormat.SectorBytes), out header)
        && header.Cluster == _owner.Cluster && header.Node == _owner.Node
        && header.Segment == segment.Sequence && header.FirstIndex == segment.FirstIndex
        && header.Salt == WalFormat.SegmentSalt(_owner.Salt, segment.Sequence);

    private void ReadFrames(SegmentReader reader, int segmentPosition)
    {
        var salt = WalFormat.SegmentSalt(_owner.Salt, _segments[segmentPosition].Sequence);
        _next = new WalPosition(_segments[segmentPosition].Sequence, WalFormat.SectorBytes);
        while (TryReadFrame(reader, salt, _next, out var header))
        {
            _lastFrame = _next;
            _next = _next with { Offset = _next.Offset + WalFormat.AlignToSector(header.Length) };
            _end = _next;
            _endsWithWitness = header.Records == 0;
            _nextFlush++;
            _segmentsAccepted = segmentPosition + 1;
            _onFrame?.Invoke(header, _next);
        }
    }

    private bool TryReadFrame(SegmentReader reader, ulong salt, WalPosition at, out WalFrameHeader header)
    {
        var head = reader.Read(at.Offset, WalFrameHeader.Bytes);
        if (!WalFrameHeader.TryRead(head, salt, at, out header, out var chain))
        {
            return false;
        }

        // As with segments: an intact head vouches for what stands before it.
        if (header.PreviousEnd != _end || header.PreviousChain != _chain || header.Flush != _nextFlush)
        {
            throw Corrupt(SegmentOf(at.Segment), at.Offset, "the frame does not continue the one before it");
        }

        if (header.Length > reader.Length - at.Offset)
        {
            return false;
        }

        // Verified to the end before the first record is applied: a frame counts whole or not at all.
        var frame = reader.Read(at.Offset, header.Length);
        if (!VerifyRecords(frame, header, salt, ref chain))
        {
            return false;
        }

        ApplyRecords(frame, header, salt);
        _chain = chain;
        return true;
    }

    private static bool VerifyRecords(ReadOnlySpan<byte> frame, WalFrameHeader header, ulong salt, ref uint chain)
    {
        var at = WalFrameHeader.Bytes;
        for (var i = 0; i < header.Records; i++)
        {
            if (!WalRecord.TryRead(frame[at..], salt, header.Position.Offset + at, ref chain, out var record))
            {
                return false;
            }

            at += record.TotalBytes;
        }

        return at == header.Length;
    }

    private void ApplyRecords(ReadOnlySpan<byte> frame, WalFrameHeader header, ulong salt)
    {
        var at = WalFrameHeader.Bytes;
        for (var i = 0; i < header.Records; i++)
        {
            var record = WalRecord.Read(frame[at..]);
            if (!_contents.Apply(record, frame.Slice(at + WalRecord.HeaderBytes, record.PayloadBytes)))
            {
                throw Corrupt(
                    SegmentOf(header.Position.Segment), header.Position.Offset + at,
                    $"an intact record ({record.Kind}, term {record.Term}, index {record.Index}) does not fit the log before it");
            }

            at += record.TotalBytes;
        }
    }

    /// <summary>Decides what the bytes from <paramref name="bad"/> on are.</summary>
    private TornTail? JudgeRest(WalPosition bad)
    {
        if (_segments.Count == 0)
        {
            return null;
        }

        var witness = new WitnessSearch(_files, _owner, _segments).Run(bad);
        if (witness.Highest > bad)
        {
            var inBadSegment = witness.HighestInSegment > bad;
            var place = inBadSegment || bad.Segment == _segments[^1].Sequence
                ? bad
                : new WalPosition(bad.Segment + 1, 0);
            throw Corrupt(
                SegmentOf(place.Segment), place.Offset,
                $"the log is known to have been durable up to {witness.Highest}");
        }

        return witness.HasRemains || _segmentsAccepted < _segments.Count ? new TornTail(SegmentOf(bad.Segment).Path, bad) : null;
    }

    private WalSegment SegmentOf(long sequence) => _segments[(int)(sequence - _segments[0].Sequence)];

    private WalCorruptException Corrupt(WalSegment segment, long offset, string detail) =>
        new(segment.Path, offset, _contents.Last.Next, detail);
}
