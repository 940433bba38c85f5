using RestKv.Api.Etcd;

namespace RestKv.Api.Cli.Import;

/// <summary>A call that one member refused, or that never reached it.</summary>
internal sealed class CallFailure(GrpcCode code, string text, Exception? cause = null) : Exception(text, cause)
{
    public GrpcCode Code { get; } = code;

    /// <summary>The answer is more than we take at once; fewer keys would be less.</summary>
    public bool IsAnswerTooLarge { get; init; }

    /// <summary>The same call may succeed later, or on another member.</summary>
    public bool IsTransient => Code switch
    {
        GrpcCode.Unavailable or GrpcCode.DeadlineExceeded or GrpcCode.Canceled or GrpcCode.Aborted or GrpcCode.Internal => true,
        GrpcCode.ResourceExhausted => Says("too many requests") || Says("try again"),
        GrpcCode.Unknown => Says("context deadline exceeded") || Says("no leader") || Says("leader changed"),
        _ => false,
    };

    public bool IsCompacted => Code == GrpcCode.OutOfRange && Says("compacted");

    /// <summary>The token has run out, its member was started again, or rights changed since it was given.</summary>
    public bool IsTokenRefused =>
        Code == GrpcCode.Unauthenticated || Says("invalid auth token") || Says("revision in header is old") || Says("old revision")
        || Says("revision of auth store is old");

    public bool IsTooLargeForThem => Code is GrpcCode.InvalidArgument or GrpcCode.ResourceExhausted
        && (Says("request is too large") || Says("larger than max"));

    public bool IsLeaseGone => Code == GrpcCode.NotFound;

    /// <summary>Who we are is not known there, or may not do this: trying again changes nothing.</summary>
    public bool IsAboutRights => Code is GrpcCode.Unauthenticated or GrpcCode.PermissionDenied
        || Says("authentication failed") || Says("user name is empty") || Says("authentication is not enabled");

    /// <summary>The same, with the name of the store it happened to.</summary>
    public CallFailure At(ImportSide side) =>
        new(Code, $"the {side.Name} answers: {Message}", this) { IsAnswerTooLarge = IsAnswerTooLarge };

    private bool Says(string part) => Message.Contains(part, StringComparison.Ordinal);
}
