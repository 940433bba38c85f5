using System.Text;
using System.Text.Unicode;
using RestKv.Api.Errors;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Api.Security.Auth;

/// <summary>Refusals for want of rights, as problems. They tell what the request asked for and nothing about what is stored.</summary>
internal static class AuthProblems
{
    public static Problem Unauthenticated() => new(
        ProblemCatalog.Unauthenticated, "send a token (Authorization: Bearer), a name and password (Basic), or a client certificate");

    public static Problem Expired() => new(ProblemCatalog.TokenExpired, "log in again, or have a new token made");

    public static Problem RateLimited(TimeSpan delay) => new(ProblemCatalog.RateLimited, "too many logins failed")
    {
        RetryAfterSeconds = Math.Max(1, (int)Math.Ceiling(delay.TotalSeconds)),
    };

    public static Problem Disabled() => new(
        ProblemCatalog.AuthDisabledHere, "authentication is off, so there is nobody to log in; PUT /v1/auth/enabled turns it on");

    public static Problem NotRoot() => new(ProblemCatalog.Forbidden, "the role root is missing");

    public static Problem NotAdmin() => new(ProblemCatalog.Forbidden, "admin on all keys, or the role root, is missing");

    public static Problem Forbidden(MissingRight missing) => new(ProblemCatalog.Forbidden, TextOf(missing));

    /// <summary>Of a request that was refused when its entry was applied; names the right if this member can tell by now.</summary>
    public static Problem Forbidden(Command command, in Authority authority) => command switch
    {
        Command.Write write when RequestAccess.Missing(write.Operation, authority, null) is { } missing => Forbidden(missing),
        Command.Write or Command.LeaseRevoke or Command.LeaseRenew =>
            new Problem(ProblemCatalog.Forbidden, "write on every key that is attached to the lease is missing"),
        Command.Compact or Command.SetRetention or Command.MemberChange => NotAdmin(),
        _ => NotRoot(),
    };

    public static Problem Of(RecognitionFault fault, TimeSpan retryAfter = default) => fault switch
    {
        RecognitionFault.Expired => Expired(),
        RecognitionFault.RateLimited => RateLimited(retryAfter),
        RecognitionFault.Overloaded => new Problem(ProblemCatalog.Overloaded, "too many passwords are being checked"),
        RecognitionFault.NotEnabled => Disabled(),
        _ => Unauthenticated(),
    };

    private static string TextOf(MissingRight missing) => missing.Lease.IsNone
        ? $"{(missing.Access == Access.Read ? "read" : "write")} on {TextOf(missing.Range)} is missing"
        : "write on every key that is attached to the lease is missing";

    private static string TextOf(in KeyRange range) => range.Kind switch
    {
        KeyRangeKind.Single => TextOf(range.Start),
        KeyRangeKind.From => $"all keys from {TextOf(range.Start)} on",
        _ => $"all keys from {TextOf(range.Start)} to {TextOf(range.End)}",
    };

    private static string TextOf(ReadOnlyMemory<byte> key) => Utf8.IsValid(key.Span)
        ? "\"" + Encoding.UTF8.GetString(key.Span) + "\""
        : "base64:" + Convert.ToBase64String(key.Span);
}
