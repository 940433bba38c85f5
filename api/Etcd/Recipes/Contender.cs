using System.Globalization;
using System.Text;
using RestKv.Core.Model;

namespace RestKv.Api.Etcd.Recipes;

/// <summary>Somebody in the line for a lock or an office: the key `name/lease`, which lives as long as the lease.</summary>
/// <param name="CreateRevision">Place in the line: the oldest key holds.</param>
/// <param name="Revision">The store's, when the key was put or found.</param>
/// <param name="Existing">What the key held already when its owner came again; null for a newcomer.</param>
internal sealed record Contender(
    ReadOnlyMemory<byte> Key, LeaseId Lease, long CreateRevision, long Revision, ReadOnlyMemory<byte>? Existing)
{
    /// <summary>All keys of a line.</summary>
    public static KeyRange LineOf(ReadOnlySpan<byte> name) => KeyRange.Prefix(PrefixOf(name));

    public static byte[] KeyOf(ReadOnlySpan<byte> name, LeaseId lease) => [.. PrefixOf(name), .. Encoding.ASCII.GetBytes(Hexadecimal(lease))];

    private static byte[] PrefixOf(ReadOnlySpan<byte> name) => [.. name, (byte)'/'];

    /// <summary>Without leading zeros, and with a sign: the spelling of etcd's clients, who must find the key.</summary>
    private static string Hexadecimal(LeaseId lease) => lease.Value < 0
        ? "-" + unchecked((ulong)-lease.Value).ToString("x", CultureInfo.InvariantCulture)
        : lease.Value.ToString("x", CultureInfo.InvariantCulture);
}
