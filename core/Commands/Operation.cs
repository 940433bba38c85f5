using System.Collections.Immutable;
using RestKv.Core.Model;

namespace RestKv.Core.Commands;

/// <summary>One step of a transaction, or the whole of a simple write. A closed set.</summary>
public abstract record Operation
{
    private Operation()
    {
    }

    /// <summary>
    /// Writes a key. With <see cref="OwnTtlSeconds"/> the key gets a lease of its own, made and attached in the same step,
    /// that goes away with the key. A put with neither lease nor <see cref="KeepLease"/> detaches the key from its lease.
    /// </summary>
    public sealed record Put(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value) : Operation
    {
        public LeaseId Lease { get; init; }

        public long OwnTtlSeconds { get; init; }

        /// <summary>Keeps the current lease; the key must exist (etcd's ignore_lease) unless <see cref="LenientKeep"/>.</summary>
        public bool KeepLease { get; init; }

        /// <summary>Keeps the current value; the key must exist (etcd's ignore_value).</summary>
        public bool KeepValue { get; init; }

        /// <summary>The native API's keepLease: on a missing key there is simply no lease to keep.</summary>
        public bool LenientKeep { get; init; }

        public bool ReturnPrevious { get; init; }
    }

    public sealed record Delete(KeyRange Range, bool ReturnPrevious = false) : Operation;

    public sealed record Get(RangeRequest Request) : Operation;

    /// <summary>If all of <see cref="If"/> hold then <see cref="Then"/> runs, else <see cref="Else"/>.</summary>
    public sealed record Txn(
        ImmutableArray<Compare> If,
        ImmutableArray<Operation> Then,
        ImmutableArray<Operation> Else) : Operation;
}

public enum CompareTarget : byte
{
    Version = 0,
    CreateRevision = 1,
    ModRevision = 2,
    Value = 3,
    Lease = 4,
}

public enum CompareOperator : byte
{
    Equal = 0,
    Greater = 1,
    Less = 2,
    NotEqual = 3,
}

/// <summary>
/// A condition on every key of a range, judged against the state before the transaction. A missing key counts as version,
/// revisions and lease 0; a condition on the value of a missing key is false (etcd contract, section 2.6).
/// </summary>
public sealed record Compare(
    KeyRange Range,
    CompareTarget Target,
    CompareOperator Operator,
    long Number,
    ReadOnlyMemory<byte> Bytes);
