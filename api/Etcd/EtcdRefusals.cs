using RestKv.Core.Commands;

namespace RestKv.Api.Etcd;

/// <summary>Refusals of the state machine and of the replica, as etcd's clients know them.</summary>
internal static class EtcdRefusals
{
    public static EtcdFault Of(Rejection rejection) => rejection.Code switch
    {
        RejectionCode.RevisionCompacted => EtcdFaults.Compacted(),
        RejectionCode.RevisionInFuture => EtcdFaults.FutureRevision(),
        RejectionCode.LeaseNotFound => EtcdFaults.LeaseNotFound(),
        RejectionCode.LeaseExists => EtcdFaults.LeaseExists(),
        RejectionCode.KeyNotFound => EtcdFaults.KeyNotFound(),
        RejectionCode.NoSpace => EtcdFaults.NoSpace(),
        RejectionCode.DuplicateKey => EtcdFaults.DuplicateKey(),
        RejectionCode.ResultTooLarge => new EtcdFault(
            GrpcCode.ResourceExhausted, $"etcdserver: the previous values asked for are more than {rejection.Number} bytes"),
        RejectionCode.LeaseLimit => new EtcdFault(GrpcCode.ResourceExhausted, "etcdserver: too many leases"),
        RejectionCode.MemberExists => new EtcdFault(GrpcCode.FailedPrecondition, "etcdserver: Peer URLs already exists"),
        RejectionCode.MemberNotFound => EtcdFaults.MemberNotFound(),
        RejectionCode.MemberLimit => new EtcdFault(GrpcCode.FailedPrecondition, "etcdserver: too many members in cluster"),
        RejectionCode.LastVoter => EtcdFaults.NotEnoughStarted(),
        RejectionCode.Corrupt => EtcdFaults.Corrupt(),
        RejectionCode.AlarmLimit => new EtcdFault(GrpcCode.ResourceExhausted, "etcdserver: too many alarms"),
        RejectionCode.UnknownCommand => new EtcdFault(GrpcCode.FailedPrecondition, "etcdserver: not capable"),

        // Of native commands only, which this façade never sends.
        RejectionCode.MemberWiped or RejectionCode.MemberRolledBack or RejectionCode.IdempotencyMismatch
            or RejectionCode.IdempotencyCancelled or RejectionCode.IdempotencyTableFull =>
            new EtcdFault(GrpcCode.FailedPrecondition, $"etcdserver: {rejection.Code}"),
        var code => OfRights(code),
    };

    private static EtcdFault OfRights(RejectionCode code) => code switch
    {
        RejectionCode.AuthRequired or RejectionCode.UserNameEmpty => EtcdFaults.UserEmpty(),
        RejectionCode.PermissionDenied => EtcdFaults.PermissionDenied(),
        RejectionCode.InvalidAuthToken => EtcdFaults.InvalidAuthToken(),
        RejectionCode.AuthenticationFailed => EtcdFaults.AuthFailed(),
        RejectionCode.AuthNotEnabled => EtcdFaults.AuthNotEnabled(),
        RejectionCode.UserNotFound => EtcdFaults.UserNotFound(),
        RejectionCode.RoleNotFound => EtcdFaults.RoleNotFound(),
        RejectionCode.RootUserMissing => Precondition("root user does not exist"),
        RejectionCode.RootRoleMissing => Precondition("root user does not have root role"),
        RejectionCode.UserExists => Precondition("user name already exists"),
        RejectionCode.RoleExists => Precondition("role name already exists"),
        RejectionCode.RoleNotGranted => Precondition("role is not granted to the user"),
        RejectionCode.PermissionNotGranted => Precondition("permission is not granted to the role"),
        RejectionCode.TokenNotFound => Precondition("token not found"),
        RejectionCode.RoleNameEmpty => new EtcdFault(GrpcCode.InvalidArgument, "etcdserver: role name is empty"),
        RejectionCode.PermissionNotGiven => new EtcdFault(GrpcCode.InvalidArgument, "etcdserver: permission not given"),
        RejectionCode.InvalidAuthManagement => new EtcdFault(GrpcCode.InvalidArgument, "etcdserver: invalid auth management"),
        RejectionCode.AuthLimit => new EtcdFault(GrpcCode.ResourceExhausted, "etcdserver: too many users, roles or permissions"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static EtcdFault Precondition(string text) => new(GrpcCode.FailedPrecondition, "etcdserver: " + text);

    public static EtcdFault Of(NotAppliedReason reason) => reason switch
    {
        // etcd lets a proposal wait for a leader until its time is over, and says so.
        NotAppliedReason.NoLeader => EtcdFaults.Deadline(),
        NotAppliedReason.NotReady => EtcdFaults.NoLeader(),
        NotAppliedReason.Overloaded => EtcdFaults.TooManyRequests(),
        NotAppliedReason.ShuttingDown => EtcdFaults.Stopped(),
        NotAppliedReason.ProposalDropped => new EtcdFault(GrpcCode.Unavailable, "etcdserver: leader changed"),
        NotAppliedReason.NoSpace => EtcdFaults.NoSpace(),
        NotAppliedReason.QuorumAtRisk => EtcdFaults.NotEnoughStarted(),
        NotAppliedReason.NotAudited => new EtcdFault(GrpcCode.Unavailable, "etcdserver: the audit log cannot be written"),
        NotAppliedReason.LearnerNotReady => new EtcdFault(
            GrpcCode.FailedPrecondition, "etcdserver: can only promote a learner member which is in sync with leader"),
        NotAppliedReason.Diverged => EtcdFaults.Corrupt(),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
