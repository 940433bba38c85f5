using System.Collections.Frozen;

namespace RestKv.Api.Errors;

/// <summary>Every failure a request can meet, once: statuses, codes and titles are a contract with clients.</summary>
internal static class ProblemCatalog
{
    public static readonly ProblemType BadRequest = new(400, "bad-request", "The request is not understood");

    public static readonly ProblemType KeyEmpty = new(400, "key-empty", "The key is empty");

    public static readonly ProblemType KeyDotSegment =
        new(400, "key-dot-segment", "The path has a \".\" or \"..\" segment, which clients and proxies rewrite");

    public static readonly ProblemType KeyEncoding =
        new(400, "key-encoding", "The key is not valid percent-encoded UTF-8");

    public static readonly ProblemType KeyTooLong = new(400, "key-too-long", "The key is longer than 4096 bytes");

    public static readonly ProblemType BadRevision =
        new(400, "bad-revision", "The revision is not a number from 1 to 2^53-1");

    public static readonly ProblemType FutureRevision = new(400, "future-revision", "The revision is not reached yet");

    public static readonly ProblemType BadDuration =
        new(400, "bad-duration", "The duration is not understood or out of range");

    public static readonly ProblemType CursorMismatch =
        new(400, "cursor-mismatch", "The cursor does not belong to this request");

    public static readonly ProblemType TxnDuplicateKey =
        new(400, "txn-duplicate-key", "A key is written twice in one transaction");

    public static readonly ProblemType TxnTooLarge =
        new(400, "txn-too-large", "The transaction has too many operations");

    public static readonly ProblemType TxnTooDeep = new(400, "txn-too-deep", "The transaction is nested too deeply");

    public static readonly ProblemType Validation = new(400, "validation", "A field has a value that is not allowed");

    public static readonly ProblemType ConfirmAll = new(400, "confirm-all", "Deleting everything needs all=true");

    public static readonly ProblemType InvalidJson = new(400, "invalid-json", "The body is not JSON");

    public static readonly ProblemType InvalidJsonType =
        new(400, "invalid-json-type", "The JSON document has another type than is due");

    public static readonly ProblemType JsonTooDeep =
        new(400, "json-too-deep", "The JSON document is nested too deeply");

    public static readonly ProblemType DuplicateField = new(400, "duplicate-field", "A field is given twice");

    public static readonly ProblemType UnknownField = new(400, "unknown-field", "A field is not known");

    public static readonly ProblemType InvalidFieldCombination =
        new(400, "invalid-field-combination", "The fields or headers exclude each other");

    public static readonly ProblemType InvalidType = new(400, "invalid-type", "A field has a value of the wrong type");

    public static readonly ProblemType InvalidUtf8 = new(400, "invalid-utf8", "The text is not valid UTF-8");

    public static readonly ProblemType InvalidBase64 = new(400, "invalid-base64", "The text is not valid base64");

    public static readonly ProblemType InvalidLimit =
        new(400, "invalid-limit", "The limit is not a number in its range");

    public static readonly ProblemType InvalidRange = new(400, "invalid-range", "The key range is not valid");

    public static readonly ProblemType InvalidCompare = new(400, "invalid-compare", "The comparison is not valid");

    public static readonly ProblemType InvalidEtag = new(400, "invalid-etag", "The entity tag is not valid");

    public static readonly ProblemType InvalidIdempotencyKey =
        new(400, "invalid-idempotency-key", "The Idempotency-Key is not 1 to 64 visible characters");

    public static readonly ProblemType InvalidName =
        new(400, "invalid-name", "The name is not 1 to 64 letters, digits, dots, dashes and underscores");

    public static readonly ProblemType InvalidPeerUrl =
        new(400, "invalid-peer-url", "A peer address is not http://host:port or https://host:port");

    public static readonly ProblemType WeakPassword = new(400, "weak-password", "The password is too easy to guess");

    public static readonly ProblemType DuplicateParameter =
        new(400, "duplicate-parameter", "A query parameter is given twice");

    public static readonly ProblemType UnknownParameter =
        new(400, "unknown-parameter", "A query parameter is not known here");

    public static readonly ProblemType TokenInUrl = new(400, "token-in-url", "Credentials do not belong in a URL");

    public static readonly ProblemType AmbiguousFraming =
        new(400, "ambiguous-framing", "The length of the request is ambiguous");

    public static readonly ProblemType Unauthenticated =
        new(401, "unauthenticated", "The request does not say, or not truly, who makes it");

    public static readonly ProblemType TokenExpired = new(401, "token-expired", "The token was good and is over");

    public static readonly ProblemType Forbidden = new(403, "forbidden", "A right is missing");

    public static readonly ProblemType AuthDisabledHere = new(403, "auth-disabled-here", "Authentication is off");

    public static readonly ProblemType OriginNotAllowed =
        new(403, "origin-not-allowed", "The request comes from a web page of another origin");

    public static readonly ProblemType KeyNotFound = new(404, "key-not-found", "There is no such key");

    public static readonly ProblemType LeaseNotFound = new(404, "lease-not-found", "There is no such lease");

    public static readonly ProblemType MemberNotFound = new(404, "member-not-found", "There is no such member");

    public static readonly ProblemType UserNotFound = new(404, "user-not-found", "There is no such user");

    public static readonly ProblemType RoleNotFound = new(404, "role-not-found", "There is no such role");

    public static readonly ProblemType TokenNotFound = new(404, "token-not-found", "There is no such token");

    public static readonly ProblemType OperationNotFound = new(404, "operation-not-found", "There is no such operation");

    public static readonly ProblemType RouteNotFound = new(404, "route-not-found", "There is no such route");

    public static readonly ProblemType MethodNotAllowed =
        new(405, "method-not-allowed", "The route does not have this method");

    public static readonly ProblemType NotAcceptable =
        new(406, "not-acceptable", "The answer has no form that the request accepts");

    public static readonly ProblemType RequestTimeout =
        new(408, "request-timeout", "The request body arrived too slowly", true);

    public static readonly ProblemType LeaseExists = new(409, "lease-exists", "The lease id is taken");

    public static readonly ProblemType IdempotencyInProgress =
        new(409, "idempotency-in-progress", "The first request with this Idempotency-Key is still running", true);

    public static readonly ProblemType IdempotencyCancelled =
        new(409, "idempotency-cancelled", "The Idempotency-Key was settled as never applied");

    public static readonly ProblemType MemberExists =
        new(409, "member-exists", "The name, an address or the id belongs to a member already");

    public static readonly ProblemType UserExists = new(409, "user-exists", "The user is there already");

    public static readonly ProblemType RoleExists = new(409, "role-exists", "The role is there already");

    public static readonly ProblemType AlreadyEnabled = new(409, "already-enabled", "Authentication is on already");

    public static readonly ProblemType RootRequired =
        new(409, "root-required", "Authentication needs a user root that has the role root");

    public static readonly ProblemType AuthLimit = new(409, "auth-limit", "There are as many of these as there may be");

    public static readonly ProblemType QuorumAtRisk =
        new(409, "quorum-at-risk", "The change would leave the cluster without an active majority");

    public static readonly ProblemType LearnerNotReady = new(409, "learner-not-ready", "The learner has not caught up", true);

    public static readonly ProblemType MemberLimit = new(409, "member-limit", "The cluster has as many members as it may have");

    public static readonly ProblemType MemberWiped =
        new(409, "member-wiped", "The member has another data directory than the cluster knows");

    public static readonly ProblemType Compacted = new(410, "compacted", "The revision was compacted");

    public static readonly ProblemType CursorExpired =
        new(410, "cursor-expired", "The revision of the cursor was compacted");

    public static readonly ProblemType PreconditionFailed = new(412, "precondition-failed", "The key changed");

    public static readonly ProblemType TxnElse = new(412, "txn-else", "The conditions of the transaction did not hold");

    public static readonly ProblemType ValueTooLarge = new(413, "value-too-large", "The value is too large");

    public static readonly ProblemType RequestTooLarge = new(413, "request-too-large", "The request is too large");

    public static readonly ProblemType ResultTooLarge = new(400, "result-too-large", "The answer would be too large");

    public static readonly ProblemType UnsupportedMediaType =
        new(415, "unsupported-media-type", "The body has a media type that is not taken here");

    public static readonly ProblemType UnsupportedCharset =
        new(415, "unsupported-charset", "The body has a character set other than UTF-8");

    public static readonly ProblemType UnsupportedEncoding =
        new(415, "unsupported-encoding", "The body is compressed, which is not taken");

    public static readonly ProblemType HostNotAllowed =
        new(421, "host-not-allowed", "The Host header names a host that is not ours");

    public static readonly ProblemType IdempotencyMismatch =
        new(422, "idempotency-mismatch", "The Idempotency-Key was used for another request");

    public static readonly ProblemType TooManyWatches =
        new(429, "too-many-watches", "There are too many watches", true);

    public static readonly ProblemType RateLimited = new(429, "rate-limited", "There are too many requests", true);

    public static readonly ProblemType Internal = new(500, "internal", "The server failed");

    public static readonly ProblemType NoLeader = new(503, "no-leader", "The cluster has no leader", true);

    public static readonly ProblemType NotReady = new(503, "not-ready", "The member is not ready", true);

    public static readonly ProblemType ShuttingDown = new(503, "shutting-down", "The member is shutting down", true);

    public static readonly ProblemType ProposalDropped =
        new(503, "proposal-dropped", "The write was dropped before it was committed", true);

    public static readonly ProblemType MemberCorrupt =
        new(503, "member-corrupt", "The member has quarantined itself", true);

    public static readonly ProblemType Overloaded = new(503, "overloaded", "The member has too much to do", true);

    public static readonly ProblemType TimedOut = new(504, "timeout", "The answer did not come in time", true);

    public static readonly ProblemType NoSpace = new(507, "no-space", "The store is full");

    /// <summary>All of them in the order of their status.</summary>
    public static IReadOnlyList<ProblemType> All { get; } =
    [
        BadRequest,
        KeyEmpty,
        KeyDotSegment,
        KeyEncoding,
        KeyTooLong,
        BadRevision,
        FutureRevision,
        BadDuration,
        CursorMismatch,
        TxnDuplicateKey,
        TxnTooLarge,
        TxnTooDeep,
        Validation,
        ConfirmAll,
        InvalidJson,
        InvalidJsonType,
        JsonTooDeep,
        DuplicateField,
        UnknownField,
        InvalidFieldCombination,
        InvalidType,
        InvalidUtf8,
        InvalidBase64,
        InvalidLimit,
        InvalidRange,
        InvalidCompare,
        InvalidEtag,
        InvalidIdempotencyKey,
        InvalidName,
        InvalidPeerUrl,
        WeakPassword,
        DuplicateParameter,
        UnknownParameter,
        TokenInUrl,
        AmbiguousFraming,
        Unauthenticated,
        TokenExpired,
        Forbidden,
        AuthDisabledHere,
        OriginNotAllowed,
        KeyNotFound,
        LeaseNotFound,
        MemberNotFound,
        UserNotFound,
        RoleNotFound,
        TokenNotFound,
        OperationNotFound,
        RouteNotFound,
        MethodNotAllowed,
        NotAcceptable,
        RequestTimeout,
        LeaseExists,
        IdempotencyInProgress,
        IdempotencyCancelled,
        MemberExists,
        UserExists,
        RoleExists,
        AlreadyEnabled,
        RootRequired,
        AuthLimit,
        QuorumAtRisk,
        LearnerNotReady,
        MemberLimit,
        MemberWiped,
        Compacted,
        CursorExpired,
        PreconditionFailed,
        TxnElse,
        ValueTooLarge,
        RequestTooLarge,
        ResultTooLarge,
        UnsupportedMediaType,
        UnsupportedCharset,
        UnsupportedEncoding,
        HostNotAllowed,
        IdempotencyMismatch,
        TooManyWatches,
        RateLimited,
        Internal,
        NoLeader,
        NotReady,
        ShuttingDown,
        ProposalDropped,
        MemberCorrupt,
        Overloaded,
        TimedOut,
        NoSpace,
    ];

    private static readonly FrozenDictionary<string, ProblemType> ByCode =
        All.ToFrozenDictionary(type => type.Code, StringComparer.Ordinal);

    public static ProblemType? Find(string code) => ByCode.GetValueOrDefault(code);
}
