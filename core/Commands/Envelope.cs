using System.Buffers.Binary;
using RestKv.Core.Auth;

namespace RestKv.Core.Commands;

/// <summary>
/// The payload of a log entry: who asked, when the leader took it, and the command. The two times are stamped in place by
/// the leader just before it proposes, so the bytes are written once, by the thread that received the request.
/// </summary>
/// <param name="Origin">Member that received the request.</param>
/// <param name="Incarnation">Start count of that member, so that a restart never repeats a request id.</param>
/// <param name="Sequence">Request number within the incarnation.</param>
/// <param name="WallTimeMs">Leader's wall clock: a label.</param>
/// <param name="ClusterTimeMs">Leader's cluster time: what deadlines use.</param>
/// <param name="IdempotencyKey">Empty when there is none.</param>
public readonly record struct Envelope(
    long Origin,
    long Incarnation,
    long Sequence,
    long WallTimeMs,
    long ClusterTimeMs,
    string Author,
    ReadOnlyMemory<byte> IdempotencyKey,
    ulong RequestHash,
    Command Command)
{
    /// <summary>Has no credential. Still written while there is none to write, so an entry costs nothing while authentication is off.</summary>
    internal const byte PlainVersion = 1;

    /// <summary>Has a credential before the command.</summary>
    internal const byte CredentialVersion = 2;

    internal const int OriginOffset = 17;

    /// <summary>Up to the end of the request's id.</summary>
    internal const int FixedBytes = OriginOffset + (3 * sizeof(long));

    private const int WallTimeOffset = 1;
    private const int ClusterTimeOffset = 9;

    /// <summary>By what the author was recognised.</summary>
    public Credential Credential { get; init; }

    internal static bool IsKnown(byte version) => version is PlainVersion or CredentialVersion;

    /// <summary>Writes the payload with both times zero.</summary>
    public static byte[] Encode(
        ByteWriter scratch,
        long origin,
        long incarnation,
        long sequence,
        string author,
        ReadOnlySpan<byte> idempotencyKey,
        ulong requestHash,
        Command command,
        Credential credential = default)
    {
        scratch.Clear();
        scratch.WriteByte(credential == Credential.None ? PlainVersion : CredentialVersion);
        scratch.WriteInt64(0);
        scratch.WriteInt64(0);
        scratch.WriteInt64(origin);
        scratch.WriteInt64(incarnation);
        scratch.WriteInt64(sequence);
        scratch.WriteText(author);
        scratch.WriteBytes(idempotencyKey);
        if (!idempotencyKey.IsEmpty)
        {
            scratch.WriteUInt64(requestHash);
        }

        if (credential != Credential.None)
        {
            AuthFields.WriteCredential(scratch, credential);
        }

        CommandCodec.Encode(scratch, command);
        return scratch.ToArray();
    }

    /// <summary>Tag of the command inside, without decoding it; 0 for bytes that are no envelope.</summary>
    public static byte CommandTag(ReadOnlyMemory<byte> payload)
    {
        const int BeforeAuthor = 41;
        if (payload.Length <= BeforeAuthor)
        {
            return 0;
        }

        var reader = new ByteReader(payload[BeforeAuthor..]);
        reader.ReadBytes();
        if (!reader.ReadBytes().IsEmpty)
        {
            reader.ReadUInt64();
        }

        if (payload.Span[0] == CredentialVersion)
        {
            AuthFields.ReadCredential(ref reader);
        }

        return reader.ReadByte();
    }

    /// <summary>The leader's last touch before the payload becomes immutable.</summary>
    public static void Stamp(Span<byte> payload, long wallTimeMs, long clusterTimeMs)
    {
        BinaryPrimitives.WriteInt64LittleEndian(payload[WallTimeOffset..], wallTimeMs);
        BinaryPrimitives.WriteInt64LittleEndian(payload[ClusterTimeOffset..], clusterTimeMs);
    }

    public static bool TryDecode(ReadOnlyMemory<byte> payload, out Envelope envelope)
    {
        var reader = new ByteReader(payload);
        var version = reader.ReadByte();
        if (!IsKnown(version))
        {
            envelope = default;
            return false;
        }

        var wallTimeMs = reader.ReadInt64();
        var clusterTimeMs = reader.ReadInt64();
        var origin = reader.ReadInt64();
        var incarnation = reader.ReadInt64();
        var sequence = reader.ReadInt64();
        var author = reader.ReadText();
        var key = reader.ReadBytes();
        var hash = key.IsEmpty ? 0 : reader.ReadUInt64();
        var credential = version == CredentialVersion ? AuthFields.ReadCredential(ref reader) : Credential.None;
        var isWhole = CommandCodec.TryDecode(ref reader, out var command);
        envelope = new Envelope(
            origin, incarnation, sequence, wallTimeMs, clusterTimeMs, author, key, hash, command)
        { Credential = credential };
        return isWhole;
    }
}
