using RestKv.Api.Etcd.Messages;
using RestKv.Api.Security.Auth;
using RestKv.Core.Auth;
using RestKv.Core.Commands;

namespace RestKv.Api.Etcd.Calls;

/// <summary>
/// The service Auth: turning it on and off, and logging in. Whether the caller may is judged when the entry is applied, for what
/// changes something; for what only looks, when the state to look at is at hand.
/// </summary>
internal sealed partial class AuthCalls(EtcdNode etcd, Logins logins, PasswordWork passwords)
{
    public async ValueTask<AuthEnableResponse> EnableAsync(AuthEnableRequest request, EtcdCall call) =>
        new() { Header = await ChangeAsync(new Command.AuthEnable(), call) };

    public async ValueTask<AuthDisableResponse> DisableAsync(AuthDisableRequest request, EtcdCall call) =>
        new() { Header = await ChangeAsync(new Command.AuthDisable(), call) };

    public async ValueTask<AuthStatusResponse> StatusAsync(AuthStatusRequest request, EtcdCall call)
    {
        var (table, header) = await LookAsync(call, EtcdNeed.Root);
        return new AuthStatusResponse { Header = header, Enabled = table.IsEnabled, AuthRevision = (ulong)table.Revision };
    }

    public async ValueTask<AuthenticateResponse> AuthenticateAsync(AuthenticateRequest request, EtcdCall call)
    {
        etcd.Authority.Claim(request.Name);

        // Waits for a leader, as all calls do.
        await etcd.ViewAsync(call, isSerializable: false);
        var reply = await logins.OpenAsync(
            request.Name, request.Password, logins.ForHeaders, call.RemoteIp, etcd.TimeoutOf(call), call.Aborted);
        return reply switch
        {
            { Token: { } token } => new AuthenticateResponse { Header = etcd.Header(etcd.Node.View.Revision), Token = token },
            { Result: { } result } => throw etcd.FaultOf(result, call),
            { Fault: RecognitionFault.NotEnabled } => throw EtcdFaults.AuthNotEnabled(),
            { Fault: RecognitionFault.RateLimited } => throw EtcdFaults.TooManyLogins(),
            { Fault: RecognitionFault.Overloaded } => throw EtcdFaults.TooManyRequests(),
            { Fault: RecognitionFault.Unavailable } => throw etcd.FaultOf(reply.Barrier, call),
            { HasNoPassword: true } => throw EtcdFaults.NoPasswordUser(),
            _ => throw EtcdFaults.AuthFailed(),
        };
    }

    private async ValueTask<ResponseHeader> ChangeAsync(Command.AuthChange change, EtcdCall call) =>
        etcd.Header((await etcd.SubmitAsync(change, call)).Revision);

    /// <summary>The table as it is now, for a caller who may look at it.</summary>
    private async ValueTask<(AuthTable Table, ResponseHeader Header)> LookAsync(EtcdCall call, EtcdNeed need)
    {
        var view = await etcd.ReadAsync(call, isSerializable: false, need);
        return (etcd.Authority.Source.Auth, etcd.Header(view.Revision));
    }

    /// <summary>
    /// Hashing costs a tenth of a second of a processor: not for somebody whom the state machine will refuse anyway.
    /// </summary>
    private async ValueTask<byte[]> HashAsync(string password, EtcdCall call)
    {
        await LookAsync(call, EtcdNeed.Root);
        return await passwords.TryHashAsync(password, call.Aborted) ?? throw EtcdFaults.TooManyRequests();
    }
}
