using System.Net;
using RestKv.Api.Errors;
using RestKv.Api.Hosting;
using RestKv.Api.Http;
using RestKv.Core.Auth;
using RestKv.Core.Commands;

namespace RestKv.Api.Security.Auth;

/// <summary>
/// Right after the route is known and before a body is read: who is it, and may such a one call this route? While
/// authentication is off everybody is nobody and may, and nothing that was shown is looked at, as in etcd.
/// </summary>
internal sealed class AuthGate(RequestDelegate next, IAuthSource auth, Credentials credentials)
{
    public Task InvokeAsync(HttpContext context) =>
        TokenInUrl.Check(RequestFacts.Of(context)) is { } problem ? problem.WriteAsync(context)
        : auth.Auth.IsEnabled ? JudgeAsync(context)
        : next(context);

    private async Task JudgeAsync(HttpContext context)
    {
        // A route that says nothing is for those who run the cluster.
        var metadata = context.GetEndpoint()?.Metadata.GetMetadata<RouteAccessMetadata>();
        var access = metadata is null ? RouteAccess.Admin : metadata.For(RequestFacts.Of(context).RawQuery.Span);
        var recognition = await credentials.RecogniseAsync(context);
        RequestFacts.Of(context).Principal = recognition.Principal ?? Principal.Nobody;
        var problem = access == RouteAccess.Public ? null : Judge(context, access, recognition);
        await (problem is null ? next(context) : problem.WriteAsync(context));
    }

    private Problem? Judge(HttpContext context, RouteAccess access, in Recognition recognition)
    {
        if (recognition.Fault != RecognitionFault.None)
        {
            return AuthProblems.Of(recognition.Fault, recognition.RetryAfter);
        }

        if (access == RouteAccess.Reader && IsLoopback(context.Connection.RemoteIpAddress))
        {
            return null;
        }

        var code = Raft.Invariant.NotNull(recognition.Principal).Judge(auth, out var authority);
        return code != RejectionCode.None ? AuthProblems.Unauthenticated()
            : access == RouteAccess.Admin && !authority.IsAdmin ? AuthProblems.NotAdmin()
            : access == RouteAccess.Reader && !MayReadAnything(authority)
                ? new Problem(ProblemCatalog.Forbidden, "read on any key is missing")
            : null;
    }

    private static bool MayReadAnything(in Authority authority) =>
        authority.IsRoot
        || (!authority.Rights.Read.IsEmpty && authority.Scope is not { Read.IsEmpty: true });

    private static bool IsLoopback(IPAddress? address) =>
        address is not null && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
}
