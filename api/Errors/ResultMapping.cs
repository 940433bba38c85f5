using RestKv.Api.Hosting;
using RestKv.Api.Security.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Api.Errors;

/// <summary>Refusals of the replica and of the state machine, as problems. Null means there is none.</summary>
internal static class ResultMapping
{
    public static Problem? ToProblem(OperationResult result) => result switch
    {
        OperationResult.Rejected rejected => Of(rejected),
        OperationResult.NotApplied notApplied => Of(notApplied.Reason),
        OperationResult.Unknown => new Problem(
            ProblemCatalog.TimedOut,
            "the write may or may not have been applied; send it again with the same Idempotency-Key, or ask /v1/outcomes/{key}")
        {
            OutcomeUnknown = true,
        },
        _ => null,
    };

    public static Problem? ToProblem(BarrierOutcome outcome) => outcome switch
    {
        BarrierOutcome.Ok => null,
        BarrierOutcome.NoLeader => NoLeader(),
        BarrierOutcome.Timeout => new Problem(ProblemCatalog.TimedOut, "no majority confirmed the read in time"),
        BarrierOutcome.ShuttingDown => new Problem(ProblemCatalog.ShuttingDown, "ask another member"),
        BarrierOutcome.NotReady => NotReady(),
        BarrierOutcome.Diverged => Diverged(),
        _ => Overloaded("too many reads are waiting"),
    };

    public static Problem Compacted(long compactedRevision, long revision) => new(
        ProblemCatalog.Compacted,
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"the history below revision {compactedRevision} was given up"))
    {
        CompactedRevision = compactedRevision,
        Revision = revision,
    };

    public static Problem InFuture(long revision) => new(
        ProblemCatalog.FutureRevision,
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the store is at revision {revision}"))
    {
        Revision = revision,
    };

    public static Problem LeaseNotFound(string id) =>
        new(ProblemCatalog.LeaseNotFound, $"lease {id} does not exist or has run out");

    /// <summary>No lease can have an id that is none, so a malformed one is a lease that does not exist.</summary>
    public static Problem NoLeaseId() =>
        new(ProblemCatalog.LeaseNotFound, "there is no such lease: ids are 1 to 16 hexadecimal digits, not all zero");

    /// <summary>Judges a revision to read at against a view; null when it can be read.</summary>
    public static Problem? CheckReadable(ReadView view, long revision)
    {
        if (revision > view.Revision)
        {
            return InFuture(view.Revision);
        }

        return revision < view.CompactedRevision ? Compacted(view.CompactedRevision, view.Revision) : null;
    }

    private static Problem Of(OperationResult.Rejected rejected)
    {
        var rejection = rejected.Rejection;
        return rejection.Code switch
        {
            RejectionCode.RevisionCompacted => Compacted(rejection.Number, rejected.Revision),
            RejectionCode.RevisionInFuture => InFuture(rejection.Number),
            RejectionCode.LeaseNotFound => LeaseNotFound(new LeaseId(rejection.Number).ToString()),
            RejectionCode.LeaseExists => new Problem(ProblemCatalog.LeaseExists, "choose another id or none"),
            RejectionCode.KeyNotFound => new Problem(ProblemCatalog.KeyNotFound, "there is nothing to keep"),
            RejectionCode.NoSpace => NoSpace(),
            RejectionCode.IdempotencyMismatch => new Problem(
                ProblemCatalog.IdempotencyMismatch, "a retry must be the same request; take a new key for another one"),
            RejectionCode.IdempotencyCancelled => new Problem(
                ProblemCatalog.IdempotencyCancelled, "take a new key if the write is still wanted"),
            RejectionCode.ResultTooLarge => new Problem(
                ProblemCatalog.ResultTooLarge,
                string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"the previous values are more than {rejection.Number} bytes; leave prev out or take a smaller range")),
            RejectionCode.IdempotencyTableFull => Overloaded("too many Idempotency-Keys are remembered"),
            RejectionCode.LeaseLimit => Overloaded("there are too many leases"),
            RejectionCode.DuplicateKey => new Problem(
                ProblemCatalog.TxnDuplicateKey, "a transaction may write a key once, because its changes have no order"),
            RejectionCode.UnknownCommand => new Problem(
                ProblemCatalog.NotReady, "a newer member wrote something this one does not understand"),
            RejectionCode.MemberExists => new Problem(
                ProblemCatalog.MemberExists, "names, addresses and ids are unique, and ids of removed members stay taken"),
            RejectionCode.MemberNotFound => MemberNotFound(),
            RejectionCode.MemberWiped => new Problem(ProblemCatalog.MemberWiped, "replace the member"),
            RejectionCode.MemberRolledBack => new Problem(
                ProblemCatalog.MemberWiped, "its directory is an older image of the one the cluster knows; replace the member"),
            RejectionCode.MemberLimit => new Problem(ProblemCatalog.MemberLimit, "remove a member first"),
            RejectionCode.Corrupt => new Problem(
                ProblemCatalog.MemberCorrupt, "the alarm CORRUPT was raised; nothing is written until it is lowered"),
            RejectionCode.AlarmLimit => Overloaded("there are too many alarms"),
            RejectionCode.LastVoter => new Problem(ProblemCatalog.QuorumAtRisk, "the last voter cannot be removed"),
            _ => OfRights(rejection.Code),
        };
    }

    /// <summary>What has to do with users and their rights.</summary>
    private static Problem OfRights(RejectionCode code) => code switch
    {
        RejectionCode.AuthRequired or RejectionCode.InvalidAuthToken => AuthProblems.Unauthenticated(),
        RejectionCode.AuthenticationFailed => AuthProblems.Unauthenticated(),
        RejectionCode.PermissionDenied => new Problem(ProblemCatalog.Forbidden, "GET /v1/auth/me tells what is allowed"),
        RejectionCode.RootUserMissing => new Problem(ProblemCatalog.RootRequired, "there is no user root"),
        RejectionCode.RootRoleMissing => new Problem(ProblemCatalog.RootRequired, "the user root has not the role root"),
        RejectionCode.UserExists => new Problem(ProblemCatalog.UserExists, "PUT changes a user that is there"),
        RejectionCode.UserNotFound => UserNotFound(),
        RejectionCode.RoleExists => new Problem(ProblemCatalog.RoleExists, "PUT changes a role that is there"),
        RejectionCode.RoleNotFound => RoleNotFound(),
        RejectionCode.UserNameEmpty or RejectionCode.RoleNameEmpty => new Problem(ProblemCatalog.InvalidName, "the name is empty"),
        RejectionCode.RoleNotGranted => new Problem(ProblemCatalog.RoleNotFound, "the user has not this role"),
        RejectionCode.PermissionNotGranted => new Problem(ProblemCatalog.RoleNotFound, "the role has not this permission"),
        RejectionCode.PermissionNotGiven => new Problem(ProblemCatalog.Validation, "a permission names an access"),
        RejectionCode.InvalidAuthManagement => new Problem(
            ProblemCatalog.RootRequired, "while authentication is on, the user root and its role root stay as they are"),
        RejectionCode.AuthNotEnabled => AuthProblems.Disabled(),
        RejectionCode.TokenNotFound => TokenNotFound(),
        RejectionCode.AuthLimit => new Problem(ProblemCatalog.AuthLimit, "remove what is not needed"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static Problem Diverged() => new(
        ProblemCatalog.MemberCorrupt, "a majority of the members has another state at the same place of the log; ask another member");

    public static Problem QuorumAtRisk() => new(
        ProblemCatalog.QuorumAtRisk, "the voters that would be left and are heard of are no majority");

    public static Problem UserNotFound() => new(ProblemCatalog.UserNotFound, "GET /v1/auth/users lists them");

    public static Problem RoleNotFound() => new(ProblemCatalog.RoleNotFound, "GET /v1/auth/roles lists them");

    public static Problem TokenNotFound() => new(ProblemCatalog.TokenNotFound, "GET /v1/auth/tokens lists yours");

    public static Problem MemberNotFound() =>
        new(ProblemCatalog.MemberNotFound, "no member has this id or name; GET /v1/members lists them");

    private static Problem Of(NotAppliedReason reason) => reason switch
    {
        NotAppliedReason.NoLeader => NoLeader(),
        NotAppliedReason.Overloaded => Overloaded("too many writes are waiting"),
        NotAppliedReason.ShuttingDown => new Problem(ProblemCatalog.ShuttingDown, "ask another member"),
        NotAppliedReason.NotReady => NotReady(),
        NotAppliedReason.ProposalDropped => new Problem(
            ProblemCatalog.ProposalDropped, "the leader changed before the write was committed"),
        NotAppliedReason.NoSpace => NoSpace(),
        NotAppliedReason.Diverged => Diverged(),
        NotAppliedReason.QuorumAtRisk => QuorumAtRisk(),
        NotAppliedReason.NotAudited => new Problem(ProblemCatalog.NotReady, "its audit log cannot be written; ask another member"),
        NotAppliedReason.LearnerNotReady => new Problem(
            ProblemCatalog.LearnerNotReady, "it is silent, or more than one message behind"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static Problem NoLeader() => new(ProblemCatalog.NoLeader, "an election is running or no majority is reachable");

    private static Problem NotReady() => new(ProblemCatalog.NotReady, "the member is still starting");

    private static Problem Overloaded(string detail) => new(ProblemCatalog.Overloaded, detail);

    private static Problem NoSpace() => new(
        ProblemCatalog.NoSpace, "deletes, compaction and lease revokes still work; /v1/quota tells how much is used");
}
