using RestKv.Api.Etcd.Messages;
using RestKv.Api.Security.Auth;

namespace RestKv.Api.Etcd.Watches;

/// <summary>What the client of a stream asks for.</summary>
internal sealed partial class WatchSession
{
    /// <summary>In place of the id of a watch: there is none, or all of them are meant.</summary>
    private const long NoWatch = -1;

    /// <summary>More chosen ids that compaction ended are nobody's to remember.</summary>
    private const int SpentMax = 10_000;

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
                _progressAtLeast = _etcd.Node.View.Revision;
                break;
            default:
                break;
        }
    }

    private async ValueTask CreateAsync(WatchCreateRequest request)
    {
        // The newest view: what the client knows to be written is not news to its watch, and what it knows to be compacted is gone.
        var view = _etcd.Node.View;
        var range = WatchOrder.RangeOf(request);
        var order = WatchOrder.Of(request, range, view.Revision);
        Principal principal;
        try
        {
            principal = await _etcd.CheckAsync(_call, EtcdNeed.Read(range));
        }
        catch (EtcdFault refusal)
        {
            _refusal = refusal;
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
        else if (order.From < view.CompactedRevision)
        {
            var id = IdOf(request);
            await SendAsync(Created(id, view.Revision));
            await SendAsync(Compacted(id, view.CompactedRevision));
            Spend(id);
        }
        else if (!_dispatcher.TryCount())
        {
            await RefuseAsync(WatchFaults.TooMany);
        }
        else
        {
            var guard = new WatchGuard(principal, _etcd.Authority.Source, [range]);
            await BeginAsync(new SessionWatch(this, IdOf(request), order, Feed, _limits, _budget) { Guard = guard }, view.Revision);
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

        await SendAsync(Created(watch.Id, revision));
    }

    private WatchResponse Created(long id, long revision) =>
        new() { Header = _etcd.Header(revision), WatchId = id, Created = true };

    private WatchResponse Compacted(long id, long revision) =>
        new() { Header = _etcd.Header(0), WatchId = id, Canceled = true, CompactRevision = revision };

    private long IdOf(WatchCreateRequest request) => request.WatchId == 0 ? NextId() : request.WatchId;

    /// <summary>An id that the client chose is not given to another watch because compaction ended its own; etcd goes on behind it, too.</summary>
    private void Spend(long id)
    {
        if (id >= _nextId && _spent.Count < SpentMax)
        {
            _spent.Add(id);
        }
    }

    /// <summary>Ids of watches that are over do not come again, unless the client chooses them.</summary>
    private long NextId()
    {
        while (_watches.ContainsKey(_nextId) || _spent.Remove(_nextId))
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
