using RestKv.Core.Auth;
using RestKv.Core.Commands;

namespace RestKv.Core;

/// <summary>Who may do what is judged here, where all members judge alike: by the entries before this one and nothing else.</summary>
public sealed partial class KvStateMachine
{
    private AuthTable _digested = AuthTable.Empty;
    private ulong _authDigest;

    /// <summary>Users, roles, tokens and sessions. Immutable, so what is published of it may be asked by any thread.</summary>
    public AuthTable Auth { get; private set; } = AuthTable.Empty;

    /// <summary>Of the whole table, worked out when it has changed.</summary>
    private ulong AuthDigest
    {
        get
        {
            if (!ReferenceEquals(_digested, Auth))
            {
                _digested = Auth;
                _authDigest = AuthTableCodec.Digest(Auth);
            }

            return _authDigest;
        }
    }

    /// <summary>In whose name an entry is, while that counts.</summary>
    private RejectionCode Recognise(in Envelope envelope, out Authority authority)
    {
        if (!CommandAccess.NeedsIdentity(envelope.Command))
        {
            authority = Authority.Unlimited;
            return RejectionCode.None;
        }

        // A member's own commands count downwards. Keep-alives are none: without authors they come from clients that were let
        // in before rights began to count.
        var isOwn = envelope.Sequence < 0 && envelope.Command is not Command.LeaseRenew;
        return Auth.Judge(envelope.Author, isOwn ? Credential.Member : envelope.Credential, ClusterTimeMs, out authority);
    }

    private bool IsAllowed(Command command, in Authority authority) =>
        !Auth.IsEnabled || !CommandAccess.NeedsIdentity(command) || CommandAccess.IsAllowed(command, authority, Leases, Auth);

    private AppliedResult ApplyAllowed(in Envelope envelope, in Authority authority) =>
        IsAllowed(envelope.Command, authority)
            ? new AppliedResult(Dispatch(envelope), false)
            : Reject(RejectionCode.PermissionDenied);

    private OperationResult ChangeAuth(Command.AuthChange change)
    {
        var table = Auth;
        var result = AuthChanges.Apply(change, new AuthMoment(AppliedIndex, Store.Revision, ClusterTimeMs, WallTimeMs), ref table);
        Auth = table;
        return result;
    }

    /// <summary>
    /// Each part is judged by itself and renews all of its leases or none. A refused one has, in place of the seconds of each
    /// lease, what refused it, below zero.
    /// </summary>
    private OperationResult.LeaseRenewed RenewFor(Command.LeaseRenewFor renew)
    {
        var seconds = new List<long>();
        foreach (var part in renew.Parts)
        {
            var command = new Command.LeaseRenew(part.Ids);
            var code = Auth.Judge(part.Author, part.Credential, ClusterTimeMs, out var authority);
            if (code == RejectionCode.None && !IsAllowed(command, authority))
            {
                code = RejectionCode.PermissionDenied;
            }

            foreach (var id in part.Ids)
            {
                seconds.Add(code == RejectionCode.None ? Leases.Renew(id, ClusterTimeMs) : -(long)code);
            }
        }

        return new OperationResult.LeaseRenewed(Store.Revision, seconds);
    }
}
