using RestKv.Api.Etcd.Messages;
using RestKv.Api.Watch;
using RestKv.Core.Auth;

namespace RestKv.Api.Etcd.Watches;

/// <summary>
/// Rights that are taken away while a watch is open. etcd asks only when it is made; here it ends, with the reason with which it would
/// have been refused, and shows nothing that was written since.
/// </summary>
internal sealed partial class WatchSession
{
    private AuthTable? _judged;

    /// <summary>All watches, when rights have changed since the last time.</summary>
    private async ValueTask EndForbiddenAsync()
    {
        var table = _etcd.Authority.Source.Auth;
        if (_judged is not null && (ReferenceEquals(_judged, table) || _judged.HasSameRights(table)))
        {
            return;
        }

        _judged = table;
        foreach (var watch in _watches.Values.ToArray())
        {
            await EndIfForbiddenAsync(watch);
        }
    }

    /// <summary>Asked after its events were taken and before they are sent: what was in force when they were written is known by now.</summary>
    private async ValueTask<bool> EndIfForbiddenAsync(SessionWatch watch)
    {
        var closing = watch.Guard.Judge();
        if (closing == WatchClosing.None)
        {
            return false;
        }

        End(watch);
        var fault = closing == WatchClosing.Forbidden ? EtcdFaults.PermissionDenied() : EtcdFaults.InvalidAuthToken();
        await SendAsync(new WatchResponse
        {
            Header = _etcd.Header(_etcd.Node.View.Revision),
            WatchId = watch.Id,
            Canceled = true,
            CancelReason = WatchFaults.ReasonOf(fault),
        });
        return true;
    }
}
