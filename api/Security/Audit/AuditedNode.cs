using RestKv.Api.Hosting;
using RestKv.Api.Watch;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Mvcc;

namespace RestKv.Api.Security.Audit;

/// <summary>
/// The node with an audit log before it. Changes of users, rights and the cluster are written down before they are asked for, and not
/// asked for when that fails. Logins, and what was denied, are written down behind; other writes when the operator wants them.
/// </summary>
internal sealed class AuditedNode(INode node, AuditLog log, IHttpContextAccessor contexts, bool withWrites) : INode
{
    public ReadView View => node.View;

    public bool HasDiverged => node.HasDiverged;

    public NodeStatus Status => node.Status;

    public WatchDispatcher Watches => node.Watches;

    public async ValueTask<SubmitReply> SubmitAsync(Command command, SubmitOptions options, CancellationToken cancellationToken)
    {
        if (options.Credential.Kind == CredentialKind.Member && !AuditSubject.IsSession(command))
        {
            return await node.SubmitAsync(command, options, cancellationToken);
        }

        var context = contexts.HttpContext;
        var name = command is Command.SessionOpen open ? open.User : options.Author;
        var record = new AuditRecord("asked", AuditSubject.NameOf(command), name, AuditCaller.Of(context), command);
        var isAdministration = AuditSubject.IsAdministration(command);
        if (isAdministration && !log.TryWrite(record, isDurable: true))
        {
            return new SubmitReply(new OperationResult.NotApplied(NotAppliedReason.NotAudited), false);
        }

        var reply = await node.SubmitAsync(command, options, cancellationToken);
        var (outcome, code) = OutcomeOf(reply.Result);
        if (isAdministration || AuditSubject.IsSession(command) || outcome == Denied || (withWrites && command is not Command.LeaseRenew))
        {
            AuditCaller.SetWritten(context);
            log.TryWrite(record with { Outcome = outcome, Code = code, Revision = reply.Result.Revision });
        }

        return reply;
    }

    public ValueTask<BarrierReply> ReadBarrierAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        node.ReadBarrierAsync(timeout, cancellationToken);

    public ValueTask<bool> WaitForRevisionAsync(long revision, TimeSpan timeout, CancellationToken cancellationToken) =>
        node.WaitForRevisionAsync(revision, timeout, cancellationToken);

    public ValueTask<TableReply> QueryAsync(TableQuery query, CancellationToken cancellationToken) =>
        node.QueryAsync(query, cancellationToken);

    internal const string Denied = "denied";

    private static (string Outcome, string? Code) OutcomeOf(OperationResult result) => result switch
    {
        OperationResult.Rejected { Rejection.Code: var code } => (IsDenial(code) ? Denied : "refused", code.ToString()),
        OperationResult.NotApplied notApplied => ("not-applied", notApplied.Reason.ToString()),
        OperationResult.Unknown => ("unknown", null),
        _ => ("applied", null),
    };

    private static bool IsDenial(RejectionCode code) => code is RejectionCode.AuthRequired or RejectionCode.PermissionDenied
        or RejectionCode.InvalidAuthToken or RejectionCode.AuthenticationFailed;
}
