using System.Buffers.Binary;
using System.Security.Cryptography;
using RestKv.Raft;

namespace RestKv.Storage;

/// <summary>Whose data a directory holds.</summary>
/// <param name="Cluster">The cluster; a message or file of another one is never taken.</param>
/// <param name="Node">The member.</param>
/// <param name="Incarnation">Number of starts, this one included: with it request ids are unique for ever.</param>
/// <param name="FormatVersion">Version of the directory's formats.</param>
public sealed record StoreIdentity(ClusterId Cluster, NodeId Node, long Incarnation, int FormatVersion)
{
    /// <summary>The formats this build writes, and the newest it reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>
    /// Drawn with the directory and never again: a member that comes with another one has lost its data. Tells nothing of the
    /// secret it is derived from, and is never 0.
    /// </summary>
    public long StoreId => Math.Max(1, DigestOf(Salt) & long.MaxValue);

    /// <summary>
    /// Set once the other members said that this directory has lost what the member had promised: 1 for another directory, 2 for
    /// an older image. It never takes part again, however often it is started. 0 for a healthy one.
    /// </summary>
    public byte LossKind { get; init; }

    /// <summary>Secret number mixed into the log's check sums.</summary>
    internal ulong Salt { get; init; }

    private static long DigestOf(ulong salt)
    {
        Span<byte> text = stackalloc byte[16];
        "store id"u8.CopyTo(text);
        BinaryPrimitives.WriteUInt64LittleEndian(text[8..], salt);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, digest);
        return BinaryPrimitives.ReadInt64LittleEndian(digest);
    }
}
