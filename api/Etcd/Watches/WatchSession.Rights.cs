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
    private EtcdFault? _refusal;

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

    /// <summary>
    /// A client that can ask for nothing more, as all of the gateway, would wait for ever when its last watch was taken away, and some
    /// do not read that it was: the stream ends.
    /// </summary>
    private void ThrowIfNothingIsAllowed(bool isRead)
    {
        if (isRead && _watches.Count == 0 && _refusal is not null)
        {
            throw _refusal;
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
        _refusal = fault;
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
