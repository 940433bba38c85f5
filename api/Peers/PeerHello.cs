using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using RestKv.Raft;
using RestKv.Storage;

namespace RestKv.Api.Peers;

/// <summary>
/// The first frame of every connection: who calls, whom it means, and for what. Nothing else is believed before it has been
/// judged; the layout is in DESIGN.md. Magic and version keep their places in every version.
/// </summary>
internal sealed record PeerHello(
    PeerPurpose Purpose, ClusterId Cluster, NodeId From, NodeId To, long StoreId, long Incarnation, string Address)
{
    public const int Version = 2;
    private const int FixedBytes = 96;
    private const int AddressBytesMax = 512;

    /// <summary>Drawn by the start of the caller.</summary>
    public long Life { get; init; }

    /// <summary>What its disk held at that start.</summary>
    public DiskFacts Facts { get; init; }

    private static ReadOnlySpan<byte> Magic => "RESTKVPH"u8;

    public static PeerHello Of(PeerIdentity self, NodeId to, PeerPurpose purpose) =>
        new(purpose, self.Cluster, self.Member, to, self.StoreId, self.Incarnation, self.Address)
        {
            Life = self.Life,
            Facts = self.Facts,
        };

    public byte[] Encode()
    {
        var address = Encoding.UTF8.GetBytes(Address);
        Invariant.Check(address.Length <= AddressBytesMax);
        var bytes = new byte[FixedBytes + address.Length];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Version);
        bytes[12] = (byte)Purpose;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), Cluster.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), From.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), To.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), StoreId);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(48), Incarnation);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(56), Life);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(64), Facts.Term.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(72), Facts.Vote.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(80), Facts.Last.Value);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(88), address.Length);
        address.CopyTo(bytes.AsSpan(FixedBytes));
        return bytes;
    }

    /// <summary>Reads a payload. <paramref name="reason"/> says what it is instead, or what can still be wrong with it.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out PeerHello hello, out string reason)
    {
        hello = new PeerHello(default, default, default, default, 0, 0, "");
        if (bytes.Length < 12 || !bytes.StartsWith(Magic))
        {
            reason = "the first frame is no hello";
            return false;
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (version != Version)
        {
            reason = string.Create(CultureInfo.InvariantCulture, $"the caller speaks version {version}, this member {Version}");
            return false;
        }

        reason = "the hello is malformed";
        if (bytes.Length < FixedBytes)
        {
            return false;
        }

        var addressBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[88..]);
        if (addressBytes is < 0 or > AddressBytesMax || bytes.Length != FixedBytes + addressBytes)
        {
            return false;
        }

        hello = new PeerHello(
            (PeerPurpose)bytes[12],
            new ClusterId(BinaryPrimitives.ReadInt64LittleEndian(bytes[16..])),
            new NodeId(BinaryPrimitives.ReadInt64LittleEndian(bytes[24..])),
            new NodeId(BinaryPrimitives.ReadInt64LittleEndian(bytes[32..])),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]),
            Encoding.UTF8.GetString(bytes[FixedBytes..]))
        {
            Life = BinaryPrimitives.ReadInt64LittleEndian(bytes[56..]),
            Facts = new DiskFacts(
                new Term(BinaryPrimitives.ReadInt64LittleEndian(bytes[64..])),
                new NodeId(BinaryPrimitives.ReadInt64LittleEndian(bytes[72..])),
                new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(bytes[80..]))),
        };
        var isWhole = hello.Purpose is PeerPurpose.Urgent or PeerPurpose.Bulk or PeerPurpose.Snapshot
            && !hello.From.IsNone
            && !hello.To.IsNone
            && bytes[13..16].IndexOfAnyExcept((byte)0) < 0
            && bytes[92..FixedBytes].IndexOfAnyExcept((byte)0) < 0;
        reason = isWhole ? "the hello came on the wrong path" : reason;
        return isWhole;
    }

    /// <summary>
    /// Why this member does not speak with the caller; null when it is who may be spoken with. Read by operators of both. Whether
    /// it has lost something is for <see cref="PeerMemory"/> to judge.
    /// </summary>
    public string? Refuse(PeerIdentity self, PeerDirectory directory)
    {
        if (Cluster != self.Cluster)
        {
            return $"member {From} belongs to cluster {Cluster}, this member to cluster {self.Cluster}";
        }

        if (From == self.Member)
        {
            return $"member {From} is this member: its data directory was copied, or its peer address leads back to itself";
        }

        if (To != self.Member)
        {
            return $"member {From} looks for member {To}, and this is member {self.Member}: peer addresses are mixed up";
        }

        return directory.IsRemoved(From) ? $"member {From} was removed from the cluster" : null;
    }
}
