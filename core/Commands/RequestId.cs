using System.Buffers.Binary;

namespace RestKv.Core.Commands;

/// <summary>
/// What names a request for ever, as it stands in its <see cref="Envelope"/>. Sequences above zero are those of clients; the
/// member's own commands count downwards, so that the two never meet.
/// </summary>
/// <param name="Origin">Member that received the request.</param>
/// <param name="Incarnation">Start count of that member.</param>
/// <param name="Sequence">Number within the incarnation.</param>
public readonly record struct RequestId(long Origin, long Incarnation, long Sequence)
{
    /// <summary>Reads it from its fixed place, without decoding the rest; false for bytes that are no envelope.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out RequestId id)
    {
        if (payload.Length < Envelope.FixedBytes || !Envelope.IsKnown(payload[0]))
        {
            id = default;
            return false;
        }

        id = new RequestId(
            BinaryPrimitives.ReadInt64LittleEndian(payload[Envelope.OriginOffset..]),
            BinaryPrimitives.ReadInt64LittleEndian(payload[(Envelope.OriginOffset + sizeof(long))..]),
            BinaryPrimitives.ReadInt64LittleEndian(payload[(Envelope.OriginOffset + (2 * sizeof(long)))..]));
        return true;
    }
}
