using System.Text;
using RestKv.Core.Model;

namespace RestKv.Core.Mvcc;

/// <summary>Rebuilds a state from the records of a snapshot and checks that they can be one.</summary>
internal sealed class SnapshotRecordReader(SnapshotBlockReader from, MvccOptions options)
{
    private const int AuthorBytesMax = 64 << 10;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private int _authorCount = 1;
    private long _wallTimeMs;

    public MvccState ReadState()
    {
        Check(from.Fixed64() == (MvccSnapshot.Magic | ((ulong)MvccSnapshot.Version << 32)), "not a snapshot of this version");
        var digest = from.Fixed64();
        var revision = from.Number(long.MaxValue - 1);
        var compacted = from.Number(revision);
        Check(revision >= 1, "revision 0");
        var keyCount = from.Number(long.MaxValue);
        var restore = new MvccState.Restore(options, compacted, revision);
        var (bases, changes) = (0L, 0L);
        while (true)
        {
            var tag = from.Byte();
            var kind = tag & MvccSnapshot.KindBits;
            if (kind == MvccSnapshot.KindEnd)
            {
                Check(tag == MvccSnapshot.KindEnd, "unknown record");
                break;
            }

            Check(tag < 0x80, "unknown record");
            if (kind == MvccSnapshot.KindBase)
            {
                Check(changes == 0 && !restore.HasHole, "a base record after a change");
                bases++;
                restore.AddBase(ReadHeader(tag, kind, restore), from);
            }
            else if (kind == MvccSnapshot.KindHole)
            {
                Check(tag == MvccSnapshot.KindHole, "unknown record");
                restore.AddHole();
            }
            else
            {
                Check(kind == MvccSnapshot.KindChange, "unknown record");
                changes++;
                restore.AddChange(ReadHeader(tag, kind, restore), from);
            }
        }

        Check(from.Varint() == (ulong)bases, "base records missing");
        Check(from.Varint() == (ulong)changes, "changes missing");
        from.End();
        return restore.Finish(digest, keyCount);
    }

    private RecordHeader ReadHeader(int tag, int kind, MvccState.Restore restore)
    {
        var header = new RecordHeader
        {
            Cause = (byte)(tag >> MvccSnapshot.CauseShift),
            Flags = (tag & MvccSnapshot.LastBit) != 0 ? RecordFlags.LastOfRevision : RecordFlags.None,
        };
        Check(header.Cause <= (byte)DeleteCause.Txn, "unknown cause");
        if (kind == MvccSnapshot.KindBase)
        {
            header.ModRevision = from.Number(long.MaxValue - 1);
            header.SubRevision = (int)from.Number(int.MaxValue - 1);
        }

        _wallTimeMs = unchecked(_wallTimeMs + from.SignedVarint());
        header.WallTimeMs = _wallTimeMs;
        header.Author = ReadAuthor(restore);
        header.KeyLength = (ushort)from.Number(options.KeyBytesMax);
        var hasLease = (tag & MvccSnapshot.LeaseBit) != 0;
        if (header.IsDeletion)
        {
            Check(!hasLease, "a deletion with a lease");
            return header;
        }

        // Still the distance to the modification: the restore knows the revision.
        header.CreateRevision = from.Number(long.MaxValue - 1);
        header.Version = from.Number(long.MaxValue - 1);
        header.Lease = hasLease ? (long)from.Fixed64() : 0;
        Check(hasLease == (header.Lease != 0), "lease 0");
        header.ValueLength = (int)from.Number(options.ValueBytesMax);
        return header;
    }

    private int ReadAuthor(MvccState.Restore restore)
    {
        var number = (int)from.Number(_authorCount);
        if (number < _authorCount)
        {
            return number;
        }

        var bytes = new byte[from.Number(AuthorBytesMax)];
        from.Bytes(bytes);
        try
        {
            Check(restore.InternAuthor(StrictUtf8.GetString(bytes)) == number, "an author twice");
        }
        catch (DecoderFallbackException)
        {
            throw new SnapshotCorruptException("an author's name is not UTF-8");
        }

        _authorCount++;
        return number;
    }

    private static void Check(bool isSound, string message) => SnapshotBlockReader.Check(isSound, message);
}
