using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Core.Commands;

/// <summary>What became of a command. A closed set; <see cref="Revision"/> is the store's revision after it.</summary>
public abstract record OperationResult(long Revision)
{
    /// <param name="Lease">The lease the key is attached to afterwards.</param>
    public sealed record Put(long Revision, bool Created, KeyValue? Previous, LeaseId Lease) : OperationResult(Revision);

    /// <param name="Previous">Only when asked for; in key order.</param>
    public sealed record Delete(long Revision, long Deleted, IReadOnlyList<KeyValue> Previous) : OperationResult(Revision);

    public sealed record Get(long Revision, RangeResult Result) : OperationResult(Revision);

    public sealed record Txn(long Revision, bool Succeeded, IReadOnlyList<OperationResult> Results) : OperationResult(Revision);

    public sealed record Compacted(long Revision, long CompactedRevision) : OperationResult(Revision);

    public sealed record LeaseGranted(long Revision, LeaseId Id, long TtlSeconds) : OperationResult(Revision);

    /// <param name="TtlSeconds">In the order asked; 0 for a lease that does not exist.</param>
    public sealed record LeaseRenewed(long Revision, IReadOnlyList<long> TtlSeconds) : OperationResult(Revision);

    public sealed record LeaseRevoked(long Revision, long DeletedKeys) : OperationResult(Revision);

    public sealed record OutcomeSettled(long Revision, IdempotencyRecord Record) : OperationResult(Revision);

    public sealed record RetentionSet(long Revision, Retention Retention) : OperationResult(Revision);

    public sealed record MemberChanged(long Revision, NodeId Id) : OperationResult(Revision);

    /// <param name="Changed">False when it was in force already, or was not.</param>
    public sealed record AlarmSet(long Revision, bool Changed) : OperationResult(Revision);

    /// <param name="Number">Of a new token its id; of a new session its place in the log; of a closed one whether there was one.</param>
    public sealed record AuthChanged(long Revision, long AuthRevision, long Number) : OperationResult(Revision);

    /// <summary>The answer to a retry whose first result was too large to keep: it was applied, at this revision.</summary>
    /// <param name="Verdict">
    /// The result without entries: which branch ran, what was created, how much was deleted. A transaction of very many
    /// operations keeps only its branch.
    /// </param>
    public sealed record Kept(long Revision, OperationResult? Verdict = null) : OperationResult(Revision);

    /// <summary>Applied as an entry, but it changed nothing, for a reason that is the same on every member.</summary>
    public sealed record Rejected(long Revision, Rejection Rejection) : OperationResult(Revision);

    /// <summary>Never proposed, or known to be overwritten: safe to send again.</summary>
    public sealed record NotApplied(NotAppliedReason Reason) : OperationResult(0);

    /// <summary>It may still be applied or not: ask by idempotency key.</summary>
    public sealed record Unknown() : OperationResult(0);
}

/// <summary>Reasons of the state machine itself, part of the replicated result.</summary>
public enum RejectionCode : byte
{
    None = 0,

    /// <summary><see cref="Rejection.Number"/> is the compacted revision.</summary>
    RevisionCompacted = 1,

    /// <summary><see cref="Rejection.Number"/> is the current revision.</summary>
    RevisionInFuture = 2,

    /// <summary><see cref="Rejection.Number"/> is the lease id.</summary>
    LeaseNotFound = 3,
    LeaseExists = 4,

    /// <summary>keepValue or keepLease on a key that is not there.</summary>
    KeyNotFound = 5,

    /// <summary>The quota is used up; deletes, compaction and revokes still work.</summary>
    NoSpace = 6,
    IdempotencyMismatch = 7,
    IdempotencyCancelled = 8,

    /// <summary>The table of idempotency keys is full of entries too young to forget.</summary>
    IdempotencyTableFull = 9,
    LeaseLimit = 10,
    DuplicateKey = 11,

    /// <summary>The entry could not be decoded: written by a newer version.</summary>
    UnknownCommand = 12,

    /// <summary>The previous values asked for are more than <see cref="Rejection.Number"/> bytes.</summary>
    ResultTooLarge = 13,

    /// <summary>The name, an address or the id belongs to a member, or the id did once.</summary>
    MemberExists = 14,
    MemberNotFound = 15,

    /// <summary>The member came with another data directory than before.</summary>
    MemberWiped = 16,
    MemberLimit = 17,

    /// <summary>Somebody must be left to vote.</summary>
    LastVoter = 18,

    /// <summary>The member came with an older image of its data directory.</summary>
    MemberRolledBack = 19,

    /// <summary>The alarm Corrupt is in force: nothing is written.</summary>
    Corrupt = 20,
    AlarmLimit = 21,

    /// <summary>Authentication is on, and nobody said who asks.</summary>
    AuthRequired = 40,
    PermissionDenied = 41,

    /// <summary>Who was recognised is not let in any more: the password was changed, the token removed or over.</summary>
    InvalidAuthToken = 42,

    /// <summary>Authentication needs a user root before it can be turned on, and that user the role root.</summary>
    RootUserMissing = 43,
    RootRoleMissing = 44,
    UserExists = 45,
    UserNotFound = 46,
    UserNameEmpty = 47,
    RoleExists = 48,
    RoleNotFound = 49,
    RoleNameEmpty = 50,
    RoleNotGranted = 51,
    PermissionNotGranted = 52,
    PermissionNotGiven = 53,

    /// <summary>It would lock root out, or the range of a permission has no keys.</summary>
    InvalidAuthManagement = 54,
    AuthNotEnabled = 55,
    AuthenticationFailed = 56,
    TokenNotFound = 57,

    /// <summary>More users, roles, permissions or tokens than anybody keeps.</summary>
    AuthLimit = 58,
}

public readonly record struct Rejection(RejectionCode Code, long Number = 0);

/// <summary>Why a command was not applied although it reached this member.</summary>
public enum NotAppliedReason : byte
{
    None = 0,
    NoLeader = 1,
    Overloaded = 2,
    ShuttingDown = 3,
    NotReady = 4,

    /// <summary>The entry was overwritten by another leader's.</summary>
    ProposalDropped = 5,
    NoSpace = 6,

    /// <summary>Removing the member would leave fewer active voters than a majority.</summary>
    QuorumAtRisk = 7,

    /// <summary>The learner has not caught up.</summary>
    LearnerNotReady = 8,

    /// <summary>The member that was asked has another state than the majority.</summary>
    Diverged = 9,

    /// <summary>The member that was asked can write no line about it into its audit log.</summary>
    NotAudited = 10,
}

/// <summary>What the replicated table knows of an idempotency key.</summary>
public enum IdempotencyStatus : byte
{
    /// <summary>Not applied so far, or forgotten: see the time from which the table knows everything.</summary>
    NotFound = 0,
    Applied = 1,
    Rejected = 2,

    /// <summary>Settled as never applied: a late arrival will be refused.</summary>
    Cancelled = 3,
}

/// <param name="Result">The stored result when it was small enough to keep, else null.</param>
/// <param name="KnownFromMs">Cluster time from which on the table forgets nothing.</param>
public sealed record IdempotencyRecord(IdempotencyStatus Status, long Revision, OperationResult? Result, long KnownFromMs);
