using RestKv.Core.Auth;
using RestKv.Core.Mvcc;
using RestKv.Core.Replication;

namespace RestKv.Api.Watch;

/// <summary>What the replica thread tells.</summary>
public sealed partial class WatchDispatcher
{
    /// <summary>Of the state that was published last. Of the replica thread.</summary>
    private AuthTable? _auth;

    /// <summary>
    /// A newer state is readable. Called by the replica thread before it answers the writes in it; never waits, and costs
    /// next to nothing while nobody watches. States may be skipped: the newest tells all that changed.
    /// </summary>
    public void Publish(ReadView view) => Publish(view, isReset: false);

    /// <summary>As above, and takes note of whether there is a leader: streams end when there has been none for long.</summary>
    public void Publish(Publication publication)
    {
        if (publication.Facts.HasDiverged)
        {
            CloseDiverged();
            return;
        }

        var since = publication.Raft.Leader.IsNone ? Math.Max(NowMs, 1) : 0;
        if (since == 0 || Volatile.Read(ref _leaderlessSinceMs) == 0)
        {
            Volatile.Write(ref _leaderlessSinceMs, since);
        }

        Publish(publication.View, publication.IsReset);
        if (_auth is { } auth && !publication.Auth.HasSameRights(auth))
        {
            Post(new Request(RequestKind.Wake));
        }

        _auth = publication.Auth;
    }

    /// <summary>From here on nothing of this member's state goes out, what was just published included.</summary>
    private void CloseDiverged()
    {
        if (!_isDiverged)
        {
            _isDiverged = true;
            Post(new Request(RequestKind.CloseAll) { Closing = WatchClosing.Diverged });
        }
    }

    private void Publish(ReadView view, bool isReset)
    {
        var last = Volatile.Read(ref _published);

        // Before the first watch of all there is nobody to hand the state to: it will find it published.
        var isWatched = Volatile.Read(ref _open) > 0 && Volatile.Read(ref _hub) is not null;
        if (isWatched && last is not null && view.CompactedRevision > last.CompactedRevision)
        {
            // The changes up to here must be taken from a state that still has them.
            _requests.Enqueue(new Request(RequestKind.Advance) { View = last });
        }

        if (isWatched && isReset)
        {
            _requests.Enqueue(new Request(RequestKind.Reset) { View = view });
        }

        Volatile.Write(ref _published, view);
        if (isWatched)
        {
            Schedule();
        }
    }
}
