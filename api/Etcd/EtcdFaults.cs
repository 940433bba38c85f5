namespace RestKv.Api.Etcd;

/// <summary>Refusals with the codes and texts of etcd 3.5.</summary>
internal static class EtcdFaults
{
    public static EtcdFault KeyEmpty() => Invalid("etcdserver: key is not provided");

    public static EtcdFault KeyNotFound() => Invalid("etcdserver: key not found");

    public static EtcdFault ValueGiven() => Invalid("etcdserver: value is provided");

    public static EtcdFault LeaseGiven() => Invalid("etcdserver: lease is provided");

    public static EtcdFault TooManyOperations() => Invalid("etcdserver: too many operations in txn request");

    public static EtcdFault DuplicateKey() => Invalid("etcdserver: duplicate key given in txn request");

    public static EtcdFault SortOption() => Invalid("etcdserver: invalid sort option");

    public static EtcdFault CompareOption() => Invalid("etcdserver: invalid compare option");

    public static EtcdFault RequestTooLarge() => Invalid("etcdserver: request is too large");

    public static EtcdFault Compacted() =>
        new(GrpcCode.OutOfRange, "etcdserver: mvcc: required revision has been compacted");

    public static EtcdFault FutureRevision() =>
        new(GrpcCode.OutOfRange, "etcdserver: mvcc: required revision is a future revision");

    public static EtcdFault NoSpace() =>
        new(GrpcCode.ResourceExhausted, "etcdserver: mvcc: database space exceeded");

    public static EtcdFault LeaseNotFound() => new(GrpcCode.NotFound, "etcdserver: requested lease not found");

    public static EtcdFault LeaseExists() => new(GrpcCode.FailedPrecondition, "etcdserver: lease already exists");

    public static EtcdFault LeaseTooLong() => new(GrpcCode.OutOfRange, "etcdserver: too large lease TTL");

    public static EtcdFault MemberNotFound() => new(GrpcCode.NotFound, "etcdserver: member not found");

    public static EtcdFault MemberUrls() => Invalid("etcdserver: given member URLs are invalid");

    public static EtcdFault NoLeader() => Unavailable("etcdserver: no leader");

    public static EtcdFault Stopped() => Unavailable("etcdserver: server stopped");

    public static EtcdFault RequestTimedOut() => Unavailable("etcdserver: request timed out");

    public static EtcdFault Deadline() => new(GrpcCode.DeadlineExceeded, "context deadline exceeded");

    public static EtcdFault ClientGone() => new(GrpcCode.Canceled, "context canceled");

    public static EtcdFault TooManyRequests() => new(GrpcCode.ResourceExhausted, "etcdserver: too many requests");

    public static EtcdFault NotEnoughStarted() => new(
        GrpcCode.FailedPrecondition, "etcdserver: re-configuration failed due to not enough started members");

    public static EtcdFault Corrupt() => new(GrpcCode.DataLoss, "etcdserver: corrupt cluster");

    public static EtcdFault AuthNotEnabled() =>
        new(GrpcCode.FailedPrecondition, "etcdserver: authentication is not enabled");

    public static EtcdFault AuthFailed() => Invalid("etcdserver: authentication failed, invalid user ID or password");

    public static EtcdFault NoPasswordUser() => Invalid("auth: authentication failed, password was given for no password user");

    public static EtcdFault UserEmpty() => Invalid("etcdserver: user name is empty");

    public static EtcdFault UserNotFound() => new(GrpcCode.FailedPrecondition, "etcdserver: user name not found");

    public static EtcdFault RoleNotFound() => new(GrpcCode.FailedPrecondition, "etcdserver: role name not found");

    public static EtcdFault PermissionDenied() => new(GrpcCode.PermissionDenied, "etcdserver: permission denied");

    public static EtcdFault InvalidAuthToken() => new(GrpcCode.Unauthenticated, "etcdserver: invalid auth token");

    public static EtcdFault TooManyLogins() => new(GrpcCode.ResourceExhausted, "etcdserver: too many failed logins, try again later");

    public static EtcdFault Unimplemented(string method) => new(GrpcCode.Unimplemented, $"method {method} not implemented");

    private static EtcdFault Invalid(string text) => new(GrpcCode.InvalidArgument, text);

    private static EtcdFault Unavailable(string text) => new(GrpcCode.Unavailable, text);
}
