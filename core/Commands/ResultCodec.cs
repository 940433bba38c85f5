using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Core.Commands;

/// <summary>Binary form of results, kept in the outcome table so that a retry gets the first answer.</summary>
public static class ResultCodec
{
    public static void Encode(ByteWriter into, OperationResult result)
    {
        switch (result)
        {
            case OperationResult.Put put:
                Header(into, 1, put.Revision);
                into.WriteBool(put.Created);
                into.WriteInt64(put.Lease.Value);
                into.WriteBool(put.Previous is not null);
                if (put.Previous is { } previous)
                {
                    EncodeItem(into, previous);
                }

                break;
            case OperationResult.Delete delete:
                Header(into, 2, delete.Revision);
                into.WriteCount(delete.Deleted);
                EncodeItems(into, delete.Previous);
                break;
            case OperationResult.Get get:
                Header(into, 3, get.Revision);
                into.WriteInt64(get.Result.Count);
                into.WriteBool(get.Result.More);
                EncodeItems(into, get.Result.Items);
                break;
            case OperationResult.Txn txn:
                Header(into, 4, txn.Revision);
                into.WriteBool(txn.Succeeded);
                into.WriteCount(txn.Results.Count);
                foreach (var inner in txn.Results)
                {
                    Encode(into, inner);
                }

                break;
            case OperationResult.Compacted compacted:
                Header(into, 5, compacted.Revision);
                into.WriteInt64(compacted.CompactedRevision);
                break;
            case OperationResult.LeaseGranted granted:
                Header(into, 6, granted.Revision);
                into.WriteInt64(granted.Id.Value);
                into.WriteInt64(granted.TtlSeconds);
                break;
            case OperationResult.LeaseRevoked revoked:
                Header(into, 7, revoked.Revision);
                into.WriteInt64(revoked.DeletedKeys);
                break;
            case OperationResult.RetentionSet set:
                Header(into, 8, set.Revision);
                into.WriteInt64(set.Retention.Revisions);
                into.WriteInt64(set.Retention.AgeMs);
                break;
            case OperationResult.Rejected rejected:
                Header(into, 9, rejected.Revision);
                into.WriteByte((byte)rejected.Rejection.Code);
                into.WriteInt64(rejected.Rejection.Number);
                break;
            case OperationResult.LeaseRenewed renewed:
                Header(into, 10, renewed.Revision);
                into.WriteCount(renewed.TtlSeconds.Count);
                foreach (var seconds in renewed.TtlSeconds)
                {
                    into.WriteInt64(seconds);
                }

                break;
            case OperationResult.Kept { Verdict: { } verdict } kept:
                Header(into, 11, kept.Revision);
                Encode(into, verdict);
                break;
            case OperationResult.MemberChanged changed:
                Header(into, 12, changed.Revision);
                into.WriteInt64(changed.Id.Value);
                break;
            case OperationResult.AlarmSet set:
                Header(into, 13, set.Revision);
                into.WriteBool(set.Changed);
                break;
            case OperationResult.AuthChanged changed:
                Header(into, 14, changed.Revision);
                into.WriteInt64(changed.AuthRevision);
                into.WriteInt64(changed.Number);
                break;
            default:
                Header(into, 0, result.Revision);
                break;
        }
    }

    /// <summary>Null for a result that was not kept whole, or bytes of a newer format.</summary>
    public static OperationResult? Decode(ReadOnlyMemory<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        var result = Decode(ref reader, 1);
        return reader.IsFaulted || !reader.IsAtEnd ? null : result;
    }

    private static OperationResult? Decode(ref ByteReader reader, int depth)
    {
        var tag = reader.ReadByte();
        var revision = reader.ReadInt64();
        switch (tag)
        {
            case 1:
                var created = reader.ReadBool();
                var lease = new LeaseId(reader.ReadInt64());
                KeyValue? previous = reader.ReadBool() ? DecodeItem(ref reader) : null;
                return new OperationResult.Put(revision, created, previous, lease);
            case 2:
                var deleted = reader.ReadCount();
                return new OperationResult.Delete(revision, deleted, DecodeItems(ref reader));
            case 3:
                var count = reader.ReadInt64();
                var more = reader.ReadBool();
                return new OperationResult.Get(revision, new RangeResult(DecodeItems(ref reader), count, more));
            case 4 when depth <= CommandCodec.DepthMax:
                return DecodeTxn(ref reader, revision, depth);
            case 5:
                return new OperationResult.Compacted(revision, reader.ReadInt64());
            case 6:
                return new OperationResult.LeaseGranted(revision, new LeaseId(reader.ReadInt64()), reader.ReadInt64());
            case 7:
                return new OperationResult.LeaseRevoked(revision, reader.ReadInt64());
            case 8:
                return new OperationResult.RetentionSet(
                    revision, new Retention(reader.ReadInt64(), reader.ReadInt64()));
            case 9:
                return new OperationResult.Rejected(
                    revision, new Rejection((RejectionCode)reader.ReadByte(), reader.ReadInt64()));
            case 10:
                var seconds = new long[reader.ReadLength()];
                for (var i = 0; i < seconds.Length; i++)
                {
                    seconds[i] = reader.ReadInt64();
                }

                return new OperationResult.LeaseRenewed(revision, seconds);
            case 11 when depth == 1:
                return Decode(ref reader, depth + 1) is { } verdict ? new OperationResult.Kept(revision, verdict) : null;
            case 12:
                return new OperationResult.MemberChanged(revision, new NodeId(reader.ReadInt64()));
            case 13:
                return new OperationResult.AlarmSet(revision, reader.ReadBool());
            case 14:
                return new OperationResult.AuthChanged(revision, reader.ReadInt64(), reader.ReadInt64());
            default:
                reader.Fault();
                return null;
        }
    }

    private static OperationResult.Txn? DecodeTxn(ref ByteReader reader, long revision, int depth)
    {
        var succeeded = reader.ReadBool();
        var count = reader.ReadLength();
        var results = new List<OperationResult>();
        for (var i = 0; i < count; i++)
        {
            if (Decode(ref reader, depth + 1) is not { } inner)
            {
                return null;
            }

            results.Add(inner);
        }

        return new OperationResult.Txn(revision, succeeded, results);
    }

    private static void Header(ByteWriter into, byte tag, long revision)
    {
        into.WriteByte(tag);
        into.WriteInt64(revision);
    }

    private static void EncodeItems(ByteWriter into, IReadOnlyList<KeyValue> items)
    {
        into.WriteCount(items.Count);
        foreach (var item in items)
        {
            EncodeItem(into, item);
        }
    }

    private static void EncodeItem(ByteWriter into, in KeyValue item)
    {
        into.WriteBytes(item.Key.Span);
        into.WriteBytes(item.Value.Span);
        into.WriteInt64(item.CreateRevision);
        into.WriteInt64(item.ModRevision);
        into.WriteInt64(item.Version);
        into.WriteInt64(item.Lease.Value);
        into.WriteInt64(item.ModifiedAtMs);
        into.WriteText(item.Author);
    }

    private static List<KeyValue> DecodeItems(ref ByteReader reader)
    {
        var count = reader.ReadLength();
        var items = new List<KeyValue>();
        for (var i = 0; i < count && !reader.IsFaulted; i++)
        {
            items.Add(DecodeItem(ref reader));
        }

        return items;
    }

    private static KeyValue DecodeItem(ref ByteReader reader) => new(
        reader.ReadBytes(),
        reader.ReadBytes(),
        reader.ReadInt64(),
        reader.ReadInt64(),
        reader.ReadInt64(),
        new LeaseId(reader.ReadInt64()),
        reader.ReadInt64(),
        reader.ReadText());
}
