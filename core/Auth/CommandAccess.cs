using RestKv.Core.Commands;
using RestKv.Core.Leases;

namespace RestKv.Core.Auth;

/// <summary>What it takes to have a command applied.</summary>
public static class CommandAccess
{
    /// <summary>
    /// False for what members do by themselves: no request of a client becomes such a command, so nobody's right is asked for.
    /// Sessions belong to it: the member that opens or goes on with one has checked what was shown.
    /// </summary>
    public static bool NeedsIdentity(Command command) => command is not (
        Command.Tick or Command.StateMark or Command.StateReport or Command.LeaseExpire or Command.MemberAnnounce
        or Command.SessionOpen or Command.AuthTouch or Command.SessionClose or Command.LeaseRenewFor);

    /// <summary>Whether somebody who was recognised may do this.</summary>
    public static bool IsAllowed(Command command, in Authority authority, LeaseTable leases, AuthTable table) => command switch
    {
        Command.Write write => RequestAccess.Missing(write.Operation, authority, leases) is null,
        Command.LeaseGrant or Command.SettleOutcome => true,
        Command.LeaseRevoke revoke => RequestAccess.MissingLease(revoke.Id, authority, leases) is null,
        Command.LeaseRenew renew => IsAllowed(renew, authority, leases),
        Command.Compact or Command.SetRetention or Command.SetAlarm or Command.MemberChange => authority.IsAdmin,
        Command.TokenAdd add => authority.IsRoot || (IsWhole(authority) && add.User == authority.User?.Name),
        Command.TokenRemove remove => authority.IsRoot || (IsWhole(authority) && IsOwn(remove.Id, authority, table)),
        Command.AuthChange => authority.IsRoot,
        _ => false,
    };

    private static bool IsAllowed(Command.LeaseRenew renew, in Authority authority, LeaseTable leases)
    {
        foreach (var id in renew.Ids)
        {
            if (RequestAccess.MissingLease(id, authority, leases) is not null)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A token that is narrower than its user must not make one that is not.</summary>
    private static bool IsWhole(in Authority authority) => authority is { Scope: null, IsNarrowed: false };

    /// <summary>Ids of tokens that are not there may be asked about: they tell nothing.</summary>
    private static bool IsOwn(long id, in Authority authority, AuthTable table) =>
        !table.Tokens.TryGetValue(id, out var token) || token.User == authority.User?.Name;
}
