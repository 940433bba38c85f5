using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RestKv.Api.Security.Auth;

/// <summary>
/// Hashes passwords before they go anywhere: PBKDF2 with HMAC-SHA512 and a salt of its own for each. The form carries its
/// own cost, so the cost can be raised without making old hashes useless. Any number of threads.
/// </summary>
/// <param name="iterations">Tests take fewer.</param>
internal sealed class PasswordHasher(int iterations = PasswordHasher.IterationsDefault)
{
    /// <summary>What OWASP asks for with this hash, as of 2023.</summary>
    public const int IterationsDefault = 210_000;

    private const byte FormatVersion = 1;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;
    private const int HeadBytes = 1 + sizeof(int);

    /// <summary>Nobody's: who asks in vain must wait as long as who asks with a wrong password.</summary>
    private readonly byte[] _nobodys = HashWith(RandomNumberGenerator.GetHexString(32), iterations);

    public byte[] Hash(string password) => HashWith(password, iterations);

    /// <param name="hash">Null or empty for a user who is not there or has no password: then it takes as long and is false.</param>
    public bool Verify(string password, ReadOnlySpan<byte> hash)
    {
        var isKnown = hash.Length == HeadBytes + SaltBytes + HashBytes && hash[0] == FormatVersion;
        var against = isKnown ? hash : _nobodys;
        var rounds = BinaryPrimitives.ReadInt32LittleEndian(against[1..]);
        Span<byte> computed = stackalloc byte[HashBytes];
        Derive(password, against.Slice(HeadBytes, SaltBytes), rounds, computed);
        return CryptographicOperations.FixedTimeEquals(computed, against[(HeadBytes + SaltBytes)..]) & isKnown;
    }

    private static byte[] HashWith(string password, int rounds)
    {
        var result = new byte[HeadBytes + SaltBytes + HashBytes];
        result[0] = FormatVersion;
        BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(1), rounds);
        RandomNumberGenerator.Fill(result.AsSpan(HeadBytes, SaltBytes));
        Derive(password, result.AsSpan(HeadBytes, SaltBytes), rounds, result.AsSpan(HeadBytes + SaltBytes));
        return result;
    }

    private static void Derive(string password, ReadOnlySpan<byte> salt, int rounds, Span<byte> into) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, into, rounds, HashAlgorithmName.SHA512);
}
