using System.Globalization;

namespace RestKv.Core.Model;

/// <summary>Identifies a lease; any value but zero, which means "no lease". Shown as lower-case hexadecimal.</summary>
public readonly record struct LeaseId(long Value) : IComparable<LeaseId>
{
    public static readonly LeaseId None;

    public bool IsNone => Value == 0;

    public int CompareTo(LeaseId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}

/// <summary>
/// One version of one key. Key and value are views into memory that never changes, so they may be kept and read from any
/// thread without copying (they keep the 1 MiB chunk they lie in alive).
/// </summary>
/// <param name="CreateRevision">Revision of the put that created this life of the key.</param>
/// <param name="ModRevision">Revision of this version.</param>
/// <param name="Version">1 at creation, one more with each put; 0 in a deletion.</param>
/// <param name="ModifiedAtMs">The leader's wall clock at the time, Unix milliseconds; a label, never compared.</param>
/// <param name="Author">Authenticated user who wrote it; empty when nobody was.</param>
public readonly record struct KeyValue(
    ReadOnlyMemory<byte> Key,
    ReadOnlyMemory<byte> Value,
    long CreateRevision,
    long ModRevision,
    long Version,
    LeaseId Lease,
    long ModifiedAtMs,
    string Author);

/// <summary>Why a key went away.</summary>
public enum DeleteCause : byte
{
    /// <summary>Not a deletion.</summary>
    None = 0,
    Delete = 1,
    Expire = 2,
    Revoke = 3,
    Txn = 4,
}
