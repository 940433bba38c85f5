using System.Buffers.Binary;

namespace RestKv.Storage.Wal;

/// <summary>
/// Looks behind the place where reading stopped for anything that proves how far the log had been durable: the heads of
/// later frames and segments, and the mere existence of later segments.
/// </summary>
internal sealed class WitnessSearch(IFileSystem files, WalOwner owner, IReadOnlyList<WalSegment> segments)
{
    private const int StepBytes = 128 << 10;

    private WalPosition _highest;
    private WalPosition _highestInSegment;
    private bool _hasRemains;

    /// <param name="bad">Where the next frame, or the next segment's header, should have been.</param>
    public Witness Run(WalPosition bad)
    {
        // A segment is begun only when the one before it holds a durable frame.
        if (segments.Count > 1)
        {
            Note(new WalPosition(segments[^2].Sequence, WalFormat.SectorBytes + 1), bad);
        }

        foreach (var segment in segments)
        {
            if (segment.Sequence >= bad.Segment)
            {
                Search(segment, bad);
            }
        }

        return new Witness(_highest, _highestInSegment, _hasRemains);
    }

    private void Search(WalSegment segment, WalPosition bad)
    {
        using var reader = new SegmentReader(files, segment.Path);
        if (segment.Sequence > bad.Segment
            && WalSegmentHeader.TryRead(reader.Read(0, WalFormat.SectorBytes), out var header)
            && header.Segment == segment.Sequence && header.Cluster == owner.Cluster && header.Node == owner.Node)
        {
            Note(header.PreviousEnd, bad);
        }

        var salt = WalFormat.SegmentSalt(owner.Salt, segment.Sequence);
        var start = segment.Sequence == bad.Segment ? bad.Offset : 0;
        for (var offset = start; offset < reader.Length; offset += StepBytes)
        {
            SearchStep(reader.Read(offset, StepBytes), new WalPosition(segment.Sequence, offset), salt, bad);
        }
    }

    private void SearchStep(ReadOnlySpan<byte> step, WalPosition at, ulong salt, WalPosition bad)
    {
        for (var i = 0; i < step.Length; i += WalFormat.SectorBytes)
        {
            var position = at with { Offset = at.Offset + i };
            if (WalFrameHeader.TryRead(step[i..], salt, position, out var header, out _))
            {
                _hasRemains = true;
                Note(header.PreviousEnd, bad);
            }
            else if (position == bad)
            {
                // The head of the next frame: zeros and a former life's bytes are a clean end, anything else is remains.
                _hasRemains |= !IsBlankOrForeign(step[i..], position.Segment);
            }
        }
    }

    private static bool IsBlankOrForeign(ReadOnlySpan<byte> bytes, long segment)
    {
        var head = bytes[..Math.Min(bytes.Length, WalFrameHeader.Bytes)];
        return !head.ContainsAnyExcept((byte)0)
            || (head.Length >= 16 && BinaryPrimitives.ReadInt64LittleEndian(head[8..]) != segment);
    }

    private void Note(WalPosition durable, WalPosition bad)
    {
        if (durable > _highest)
        {
            _highest = durable;
        }

        if (durable.Segment == bad.Segment && durable > _highestInSegment)
        {
            _highestInSegment = durable;
        }
    }
}

/// <summary>What the search found.</summary>
/// <param name="Highest">The log had been durable up to here.</param>
/// <param name="HighestInSegment">The same, of proofs that speak of the segment where reading stopped.</param>
/// <param name="HasRemains">True when a flush had begun to be written there.</param>
internal readonly record struct Witness(WalPosition Highest, WalPosition HighestInSegment, bool HasRemains);
