using RestKv.Api.Errors;
using RestKv.Api.Hosting;
using RestKv.Api.Http;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Api.Security.Auth;

/// <summary>
/// Rights of reads, which pass no log: asked of the newest rights this member knows, when the state to answer from is at hand.
/// Rights of writes are judged when the entry is applied (core/DESIGN.md).
/// </summary>
internal static class AccessGate
{
    /// <summary>Null when the caller may read every key of the range.</summary>
    public static Problem? CheckRead(HttpContext context, ApiServices services, in KeyRange range) =>
        CheckRead(RequestFacts.Of(context).Principal, services.Auth, range);

    public static Problem? CheckRead(Principal principal, IAuthSource auth, in KeyRange range)
    {
        if (!auth.Auth.IsEnabled)
        {
            return null;
        }

        var code = principal.Judge(auth, out var authority);
        return code != RejectionCode.None ? Refused(code)
            : RequestAccess.MissingRead(range, authority) is { } missing ? AuthProblems.Forbidden(missing)
            : null;
    }

    /// <summary>Of keys that are attached to a lease: they are named to nobody who may not read all of them.</summary>
    public static Problem? CheckReadOfKeys(HttpContext context, ApiServices services, IEnumerable<ReadOnlyMemory<byte>> keys)
    {
        if (!services.Auth.Auth.IsEnabled)
        {
            return null;
        }

        var code = RequestFacts.Of(context).Principal.Judge(services.Auth, out var authority);
        if (code != RejectionCode.None)
        {
            return Refused(code);
        }

        foreach (var key in keys)
        {
            if (!authority.CanRead(KeyRange.Single(key)))
            {
                return new Problem(ProblemCatalog.Forbidden, "read on every key that is attached to the lease is missing");
            }
        }

        return null;
    }

    private static Problem Refused(RejectionCode code) => code == RejectionCode.PermissionDenied
        ? new Problem(ProblemCatalog.Forbidden, "the user is not there any more")
        : AuthProblems.Unauthenticated();
}
