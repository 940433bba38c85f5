using RestKv.Api.Hosting;
using RestKv.Api.Security.Audit;
using RestKv.Api.Security.Auth;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Api.Etcd;

/// <summary>
/// Who a caller is, and what of it may be judged here: rights of reads and of calls that pass no log. What is written is judged
/// in the state machine when the entry is applied.
/// </summary>
internal sealed class EtcdAuthority(IAuthSource auth, Authenticator authenticator, IHttpContextAccessor? contexts = null)
{
    public IAuthSource Source { get; } = auth;

    /// <summary>
    /// Nobody while authentication is off, whatever was shown; nobody, too, who shows nothing, which each call that needs
    /// somebody refuses in its own time. A token wins over a certificate.
    /// </summary>
    /// <exception cref="EtcdFault">A token that is no good, or not any more.</exception>
    public async ValueTask<Principal> IdentifyAsync(EtcdCall call)
    {
        if (!Source.Auth.IsEnabled)
        {
            return Principal.Nobody;
        }

        var principal = await RecogniseAsync(call);
        Claim(principal.Name);
        return principal;
    }

    /// <summary>Somebody says to be this one: what becomes of it is told of under that name.</summary>
    public void Claim(string name)
    {
        if (contexts is not null)
        {
            AuditCaller.SetName(contexts.HttpContext, name);
        }
    }

    private EtcdFault Denied(EtcdFault fault)
    {
        if (contexts is not null)
        {
            AuditCaller.SetDenied(contexts.HttpContext);
        }

        return fault;
    }

    private ValueTask<Principal> RecogniseAsync(EtcdCall call)
    {
        if (call is { IsGateway: true, CertificateName.Length: > 0 })
        {
            throw new EtcdFault(
                GrpcCode.InvalidArgument,
                "CommonName of client sending a request against gateway will be ignored and not used as expected");
        }

        return call.Token is { Length: > 0 } token ? ByTokenAsync(token)
            : call.CertificateName is { } name ? new(ByCertificate(name))
            : new(Principal.Nobody);
    }

    /// <summary>Who a caller was until its login ended; null when it was nobody. For keep-alives alone.</summary>
    public Principal? FormerOf(EtcdCall call) => call.Token is { Length: > 0 } token ? authenticator.ByFormerToken(token) : null;

    /// <summary>
    /// Every range that the tree of requests touches, for requests that are answered without the log. One that touches nothing may
    /// be anybody's, as in etcd.
    /// </summary>
    public void CheckRequest(Principal principal, Operation request)
    {
        if (request is Operation.Txn { If.IsEmpty: true, Then.IsEmpty: true, Else.IsEmpty: true })
        {
            return;
        }

        if (Judge(principal) is var authority && RequestAccess.Missing(request, authority, null) is not null)
        {
            throw Denied(EtcdFaults.PermissionDenied());
        }
    }

    public void CheckRead(Principal principal, in KeyRange range)
    {
        if (!Judge(principal).CanRead(range))
        {
            throw Denied(EtcdFaults.PermissionDenied());
        }
    }

    /// <summary>For calls about users and roles.</summary>
    public void CheckRoot(Principal principal)
    {
        if (!Judge(principal).IsRoot)
        {
            throw Denied(EtcdFaults.PermissionDenied());
        }
    }

    /// <summary>For calls that run the cluster.</summary>
    public void CheckAdmin(Principal principal)
    {
        if (!Judge(principal).IsAdmin)
        {
            throw Denied(EtcdFaults.PermissionDenied());
        }
    }

    /// <summary>What the caller may do as far as this member knows. Everything while authentication is off.</summary>
    public Authority Judge(Principal principal)
    {
        var code = principal.Judge(Source, out var authority);
        return code == RejectionCode.None ? authority : throw Denied(EtcdRefusals.Of(new Rejection(code)));
    }

    private async ValueTask<Principal> ByTokenAsync(string token)
    {
        var recognition = await authenticator.ByTokenAsync(token, SessionKind.Login);
        return recognition.Principal ?? throw Denied(EtcdFaults.InvalidAuthToken());
    }

    /// <summary>Also of a user that is not there: that has no rights, which is what its calls are told.</summary>
    private Principal ByCertificate(string name) =>
        name.Length == 0 ? Principal.Nobody
        : new Principal(name, Credential.OfUser(Source.Auth.FindUser(name)?.Epoch ?? 0)) { Method = "certificate" };
}
