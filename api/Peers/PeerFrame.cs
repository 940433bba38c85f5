using System.Buffers.Binary;
using RestKv.Raft;
using RestKv.Storage;

namespace RestKv.Api.Peers;

/// <summary>
/// What surrounds each message on a connection between members: length of the payload, CRC-32C of length and payload, payload.
/// The length is judged before anything is kept for it.
/// </summary>
internal static class PeerFrame
{
    public const int HeadBytes = 8;

    /// <summary>
    /// More than any member makes: the largest request there may be, which is one entry, and what surrounds it. The same for
    /// all members whatever they are configured to, or one could write what another never takes.
    /// </summary>
    public const int PayloadBytesMax = 72 << 20;

    private const int ChecksumOffset = 4;

    /// <summary>Writes the head in front of a payload that is already in place.</summary>
    public static void Seal(Span<byte> frame)
    {
        var length = frame.Length - HeadBytes;
        Invariant.Check(length is > 0 and <= PayloadBytesMax);
        BinaryPrimitives.WriteInt32LittleEndian(frame, length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[ChecksumOffset..], Checksum(frame));
    }

    /// <summary>Length of the whole frame that begins here, or 0 when no frame can. Needs <see cref="HeadBytes"/> bytes.</summary>
    public static int Measure(ReadOnlySpan<byte> head)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(head);
        return length is > 0 and <= PayloadBytesMax ? HeadBytes + length : 0;
    }

    /// <summary>Whether a whole frame is as it was sealed.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> frame) =>
        BinaryPrimitives.ReadUInt32LittleEndian(frame[ChecksumOffset..]) == Checksum(frame);

    private static uint Checksum(ReadOnlySpan<byte> frame) =>
        ~Crc32C.Update(Crc32C.Update(Crc32C.Start, frame[..ChecksumOffset]), frame[HeadBytes..]);
}
