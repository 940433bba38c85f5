using RestKv.Core.Replication;

namespace RestKv.Core.Mvcc;

/// <summary>
/// The store as a stream of bytes: what every key was at the compacted revision, in key order, then every change since, in
/// order. Equal histories give equal bytes, whatever the memory looked like. The format is in DESIGN.md.
/// </summary>
public static class MvccSnapshot
{
    internal const uint Magic = 0x4d564b52;
    internal const int Version = 1;

    /// <summary>Of an empty store; no change ever has it.</summary>
    internal const int FirstRevision = 1;

    internal const int KindBits = 0x03;
    internal const int KindEnd = 0;
    internal const int KindBase = 1;
    internal const int KindChange = 2;

    /// <summary>Stands for the changes of the compacted revision when it has none: see <see cref="MvccState.JumpTo"/>.</summary>
    internal const int KindHole = 3;
    internal const int LastBit = 0x04;
    internal const int LeaseBit = 0x08;
    internal const int CauseShift = 4;

    /// <summary>Writes a view, from any thread, without disturbing the writer. Ends the section with an end mark.</summary>
    public static void Write(ReadView view, ISnapshotSink sink)
    {
        var into = new SnapshotBlockWriter(sink);
        var writer = new SnapshotRecordWriter(into, view);
        into.Fixed64(Magic | ((ulong)Version << 32));
        into.Fixed64(view.HistoryDigest);
        into.Varint((ulong)view.Revision);
        into.Varint((ulong)view.CompactedRevision);
        into.Varint((ulong)view.KeyCount);

        // 1. What was there before the first retained change. Keys changed at the compacted revision itself are not in it:
        //    that change is retained.
        var bases = 0L;
        if (view.CompactedRevision > 0)
        {
            var keys = view.Scan(Model.KeyRange.All, view.CompactedRevision);
            while (keys.MoveNext())
            {
                if (keys.Record.Header.ModRevision < view.CompactedRevision)
                {
                    writer.Write(keys.Record, KindBase);
                    bases++;
                }
            }
        }

        // 2. The changes.
        var changes = 0L;
        var log = view.Changes(view.CompactedRevision);
        var hasChange = log.MoveNext();
        if (view.CompactedRevision > FirstRevision
            && (!hasChange || log.Record.Header.ModRevision > view.CompactedRevision))
        {
            into.Byte(KindHole);
        }

        for (; hasChange; hasChange = log.MoveNext())
        {
            writer.Write(log.Record, KindChange);
            changes++;
        }

        into.Byte(KindEnd);
        into.Varint((ulong)bases);
        into.Varint((ulong)changes);
        into.End();
    }

    /// <summary>
    /// Builds a state from what <see cref="Write"/> wrote, reading exactly that and not a byte more. Allocates no more than
    /// the state itself takes; throws <see cref="SnapshotCorruptException"/> on anything unsound.
    /// </summary>
    public static MvccState Read(ISnapshotSource source, MvccOptions options)
    {
        options.Check();
        return new SnapshotRecordReader(new SnapshotBlockReader(source), options).ReadState();
    }
}
