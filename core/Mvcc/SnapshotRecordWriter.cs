namespace RestKv.Core.Mvcc;

/// <summary>
/// Writes records of a snapshot. What follows from the records before is left out: the revision and sub-revision of a
/// change, and the name of an author that came up already.
/// </summary>
internal sealed class SnapshotRecordWriter(SnapshotBlockWriter into, ReadView view)
{
    // Numbered as they come up, so that equal histories give equal bytes.
    private readonly Dictionary<int, int> _authors = new() { [0] = 0 };
    private long _wallTimeMs;

    public void Write(RecordRef record, int kind)
    {
        ref var header = ref record.Header;
        var isLast = (header.Flags & RecordFlags.LastOfRevision) != 0;
        into.Byte((byte)(kind
            | (isLast ? MvccSnapshot.LastBit : 0)
            | (header.Lease != 0 ? MvccSnapshot.LeaseBit : 0)
            | (header.Cause << MvccSnapshot.CauseShift)));
        if (kind == MvccSnapshot.KindBase)
        {
            into.Varint((ulong)header.ModRevision);
            into.Varint((ulong)header.SubRevision);
        }

        into.SignedVarint(header.WallTimeMs - _wallTimeMs);
        _wallTimeMs = header.WallTimeMs;
        WriteAuthor(header.Author);
        into.Varint(header.KeyLength);
        if (!header.IsDeletion)
        {
            into.Varint((ulong)(header.ModRevision - header.CreateRevision));
            into.Varint((ulong)header.Version);
            if (header.Lease != 0)
            {
                into.Fixed64((ulong)header.Lease);
            }

            into.Varint((ulong)header.ValueLength);
        }

        into.Bytes(record.Content);
    }

    private void WriteAuthor(int author)
    {
        if (_authors.TryGetValue(author, out var number))
        {
            into.Varint((ulong)number);
            return;
        }

        number = _authors.Count;
        _authors.Add(author, number);
        var name = System.Text.Encoding.UTF8.GetBytes(view.AuthorName(author));
        into.Varint((ulong)number);
        into.Varint((ulong)name.Length);
        into.Bytes(name);
    }
}
