using System.Diagnostics.CodeAnalysis;
using RestKv.Core.Mvcc;
using RestKv.Core.Watch;

namespace RestKv.Api.Watch;

/// <summary>
/// Streams that carry many watches. They have a reader of their own instead of turns on a lane: a cursor that has something to
/// read is named to its owner, which knows the stream.
/// </summary>
public sealed partial class WatchDispatcher
{
    private int _multiplexers;
    private int _multiplexed;
    private long _multiplexedSent;

    /// <summary>Of the dispatcher's turn alone.</summary>
    private readonly List<IWatchClient> _touched = [];

    /// <summary>Lets a stream in; it must <see cref="Leave(IWatchClient)"/>. False with the reason when there is no room.</summary>
    internal bool TryEnter(
        IWatchClient client, ReadView view, [NotNullWhen(true)] out WatchFeed? feed, out ChangeWaitOutcome refusal)
    {
        feed = null;
        if (!TryEnter(view, out var hub, out refusal))
        {
            return false;
        }

        Interlocked.Increment(ref _multiplexers);
        Post(new Request(RequestKind.Open) { Client = client });
        CloseIfLate(client);
        feed = hub.Feed;
        return true;
    }

    /// <summary>False when this member has as many watches as it takes. Else <see cref="Add"/> and <see cref="Remove"/> must follow.</summary>
    internal bool TryCount()
    {
        if (Interlocked.Increment(ref _multiplexed) <= Options.MultiplexedMax)
        {
            return true;
        }

        Interlocked.Decrement(ref _multiplexed);
        return false;
    }

    /// <summary>From here on the owner of the cursor is told what there is to read.</summary>
    internal void Add(WatchCursor cursor)
    {
        if (cursor.BeginsAtHead)
        {
            Join(cursor);
        }
        else
        {
            OwnerOf(cursor).Wake();
        }
    }

    /// <summary>Wakes the stream once the state that watches are served from was looked at again: one that is behind will catch up.</summary>
    internal void Touch(IWatchClient client) => Post(new Request(RequestKind.Touch) { Client = client });

    /// <summary>The cursor is read no more, from before this call on.</summary>
    internal void Remove(WatchCursor cursor)
    {
        Interlocked.Decrement(ref _multiplexed);
        Post(new Request(RequestKind.Closed) { Cursor = cursor });
    }

    /// <summary>The stream is over, and its cursors are removed. It may still be told to close for a moment.</summary>
    internal void Leave(IWatchClient client)
    {
        Post(new Request(RequestKind.Closed) { Client = client });
        Interlocked.Decrement(ref _multiplexers);
        Leave();
    }

    /// <summary>Counts events that went out by way of such a stream.</summary>
    internal void CountSent(int events) => Interlocked.Add(ref _multiplexedSent, events);
}
