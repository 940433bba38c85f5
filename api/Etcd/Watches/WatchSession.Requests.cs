using RestKv.Api.Etcd.Messages;
using RestKv.Api.Security.Auth;

namespace RestKv.Api.Etcd.Watches;

/// <summary>What the client of a stream asks for.</summary>
internal sealed partial class WatchSession
{
    /// <summary>In place of the id of a watch: there is none, or all of them are meant.</summary>
    private const long NoWatch = -1;

    private async ValueTask<bool> AnswerRequestsAsync()
    {
        var answered = 0;
        while (answered < RoundMax && _requests.Reader.TryRead(out var request))
        {
            answered++;
            await AnswerAsync(request);
        }

        return answered > 0;
    }

    private async ValueTask AnswerAsync(WatchRequest request)
    {
        _wasAsked |= request.RequestUnionCase != WatchRequest.RequestUnionOneofCase.None;
        switch (request.RequestUnionCase)
        {
            case WatchRequest.RequestUnionOneofCase.CreateRequest:
                await CreateAsync(request.CreateRequest);
                break;
            case WatchRequest.RequestUnionOneofCase.CancelRequest:
                await CancelAsync(request.CancelRequest.WatchId);
                break;
            case WatchRequest.RequestUnionOneofCase.ProgressRequest:
                // Without a watch there is no progress to tell of.
                _isProgressAsked = _watches.Count > 0;
                break;
            default:
                break;
        }
    }

    private async ValueTask CreateAsync(WatchCreateRequest request)
    {
        var range = WatchOrder.RangeOf(request);
        Principal principal;
        try
        {
            principal = await _etcd.CheckAsync(_call, EtcdNeed.Read(range));
        }
        catch (EtcdFault refusal)
        {
            await RefuseAsync(WatchFaults.ReasonOf(refusal));
            return;
        }

        if (range.IsEmpty)
        {
            await RefuseAsync(WatchFaults.EmptyRange);
        }
        else if (request.WatchId != 0 && _watches.ContainsKey(request.WatchId))
        {
            await RefuseAsync(WatchFaults.DuplicateId);
        }
        else if (!_dispatcher.TryCount())
        {
            await RefuseAsync(WatchFaults.TooMany);
        }
        else
        {
            // The view is the newest: what the client knows to be written is not news to its watch.
            var revision = _etcd.Node.View.Revision;
            var id = request.WatchId == 0 ? NextId() : request.WatchId;
            var guard = new WatchGuard(principal, _etcd.Authority.Source, [range]);
            var watch = new SessionWatch(this, id, WatchOrder.Of(request, range, revision), Feed, _limits, _budget) { Guard = guard };
            await BeginAsync(watch, revision);
        }
    }

    private async ValueTask BeginAsync(SessionWatch watch, long revision)
    {
        _watches.Add(watch.Id, watch);

        // Before it is announced, or else a compaction could come in between; its first turn comes after this one.
        _dispatcher.Add(watch.Cursor);
        if (watch.Order.WantsProgress)
        {
            StartProgress();
        }

        await SendAsync(new WatchResponse { Header = _etcd.Header(revision), WatchId = watch.Id, Created = true });
    }

    /// <summary>Ids of watches that are over do not come again, unless the client chooses them.</summary>
    private long NextId()
    {
        while (_watches.ContainsKey(_nextId))
        {
            _nextId++;
        }

        return _nextId++;
    }

    private ValueTask RefuseAsync(string reason) => SendAsync(new WatchResponse
    {
        Header = _etcd.Header(_etcd.Node.View.Revision),
        WatchId = NoWatch,
        Created = true,
        Canceled = true,
        CancelReason = reason,
    });

    private async ValueTask CancelAsync(long id)
    {
        if (_watches.TryGetValue(id, out var watch))
        {
            End(watch);
            await SendAsync(new WatchResponse { Header = _etcd.Header(_etcd.Node.View.Revision), WatchId = id, Canceled = true });
        }
    }
}
