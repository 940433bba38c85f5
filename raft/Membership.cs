using System.Buffers.Binary;
using System.Collections.Immutable;

namespace RestKv.Raft;

/// <summary>Who votes and who only learns. Immutable; ids are sorted and disjoint.</summary>
public sealed class Membership : IEquatable<Membership>
{
    /// <summary>More members than anybody runs; bounds every loop over peers.</summary>
    public const int MembersMax = 64;

    public static readonly Membership Empty = new([], []);

    public Membership(ImmutableArray<NodeId> voters, ImmutableArray<NodeId> learners)
    {
        Voters = voters.Sort();
        Learners = learners.Sort();
        Invariant.Check(Voters.Length + Learners.Length <= MembersMax);
        for (var i = 1; i < Voters.Length; i++)
        {
            Invariant.Check(Voters[i - 1] != Voters[i]);
        }

        foreach (var learner in Learners)
        {
            Invariant.Check(!Voters.Contains(learner));
        }
    }

    public ImmutableArray<NodeId> Voters { get; }

    public ImmutableArray<NodeId> Learners { get; }

    public bool IsVoter(NodeId id) => Voters.Contains(id);

    public bool IsLearner(NodeId id) => Learners.Contains(id);

    public bool Contains(NodeId id) => IsVoter(id) || IsLearner(id);

    /// <summary>The smallest number of voters that is a majority.</summary>
    public int Quorum => (Voters.Length / 2) + 1;

    /// <summary>Binary form: counts (u16, u16) and ids (i64), little endian.</summary>
    public byte[] Encode()
    {
        var bytes = new byte[4 + (8 * (Voters.Length + Learners.Length))];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)Voters.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)Learners.Length);
        var offset = 4;
        foreach (var id in Voters.Concat(Learners))
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(offset), id.Value);
            offset += 8;
        }

        return bytes;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote; false on anything else.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out Membership membership)
    {
        membership = Empty;
        if (bytes.Length < 4)
        {
            return false;
        }

        int voters = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        int learners = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
        if (voters + learners > MembersMax || bytes.Length != 4 + (8 * (voters + learners)))
        {
            return false;
        }

        var ids = new NodeId[voters + learners];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = new NodeId(BinaryPrimitives.ReadInt64LittleEndian(bytes[(4 + (8 * i))..]));
        }

        if (ids.Distinct().Count() != ids.Length || ids.Contains(NodeId.None))
        {
            return false;
        }

        membership = new Membership([.. ids[..voters]], [.. ids[voters..]]);
        return true;
    }

    public bool Equals(Membership? other) =>
        other is not null && Voters.AsSpan().SequenceEqual(other.Voters.AsSpan())
        && Learners.AsSpan().SequenceEqual(other.Learners.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as Membership);

    public override int GetHashCode() => Voters.Length + (31 * Learners.Length);

    public override string ToString() =>
        $"voters=[{string.Join(',', Voters)}] learners=[{string.Join(',', Learners)}]";
}
