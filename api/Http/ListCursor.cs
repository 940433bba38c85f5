using System.Buffers.Binary;
using System.Buffers.Text;

namespace RestKv.Api.Http;

/// <summary>
/// Where a listing goes on: the revision it is pinned to, the last item, and hashes of the query and the cluster it belongs
/// to. Opaque to clients, checksummed, and worth nothing by itself: rights are checked anew with every page.
/// </summary>
/// <param name="IsGroup">True when the last item was a group of keys, not a key.</param>
internal sealed record ListCursor(long Revision, ulong QueryHash, ulong ClusterId, bool IsGroup, byte[] Last)
{
    private const byte Format = 1;
    private const int FixedBytes = 2 + 8 + 8 + 8;
    private const int ChecksumBytes = 8;

    public string Encode()
    {
        var bytes = new byte[FixedBytes + Last.Length + ChecksumBytes];
        bytes[0] = Format;
        bytes[1] = IsGroup ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(2), Revision);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(10), QueryHash);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(18), ClusterId);
        Last.CopyTo(bytes.AsSpan(FixedBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(bytes.Length - ChecksumBytes), ChecksumOf(bytes));
        return Base64Url.EncodeToString(bytes);
    }

    public static ListCursor? TryDecode(string text)
    {
        if (!StrictBase64.TryDecodeUrl(text, out var bytes) || bytes.Length <= FixedBytes + ChecksumBytes
            || bytes[0] != Format || bytes[1] > 1)
        {
            return null;
        }

        var checksum = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(bytes.Length - ChecksumBytes));
        var revision = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(2));
        return checksum != ChecksumOf(bytes) || revision < 1
            ? null
            : new ListCursor(
                revision,
                BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(10)),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(18)),
                bytes[1] == 1,
                bytes[FixedBytes..^ChecksumBytes]);
    }

    private static ulong ChecksumOf(ReadOnlySpan<byte> bytes)
    {
        var hash = Fnv64.New();
        hash.Add(bytes[..^ChecksumBytes]);
        return hash.Value;
    }
}
