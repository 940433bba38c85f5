using System.Buffers.Binary;

namespace RestKv.Core.Auth;

/// <summary>
/// The SHA-256 of a secret that its holder shows. Only this is in log, snapshots and backups, so none of them lets anybody in.
/// </summary>
public readonly record struct TokenDigest(ulong First, ulong Second, ulong Third, ulong Fourth) : IComparable<TokenDigest>
{
    public const int Bytes = 32;

    public static readonly TokenDigest Least;

    public static TokenDigest Of(ReadOnlySpan<byte> hash) => new(
        BinaryPrimitives.ReadUInt64BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(hash[16..]), BinaryPrimitives.ReadUInt64BigEndian(hash[24..]));

    public int CompareTo(TokenDigest other) =>
        First != other.First ? First.CompareTo(other.First)
        : Second != other.Second ? Second.CompareTo(other.Second)
        : Third != other.Third ? Third.CompareTo(other.Third)
        : Fourth.CompareTo(other.Fourth);
}
