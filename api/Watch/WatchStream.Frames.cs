using RestKv.Api.Errors;
using RestKv.Core.Watch;

namespace RestKv.Api.Watch;

/// <summary>What the stream says.</summary>
internal sealed partial class WatchStream
{
    private const long NoId = -1;

    private readonly record struct PlaceFacts(string Reason, long CompactedRevision, long Revision);

    private void WriteOpening(WatchLane lane)
    {
        _unflushed += _frames.WriteRetry(_output, RetryMs());
        var json = lane.Json.EncodeFacts(_start, static (writer, open) =>
        {
            writer.WriteNumber("rev"u8, open.Revision);
            writer.WriteNumber("from"u8, open.From);
            writer.WriteNumber("compactedRev"u8, open.CompactedRevision);
            writer.WriteString("member"u8, open.Member);
            writer.WriteString("cluster"u8, open.Cluster);
        });

        // An id from the future would be refused when the client comes back with it: until then it comes back without one.
        var isPast = _start.From - 1 <= _start.Revision;
        Write(EventNames.Open, json, _start.Snapshot || !isPast ? NoId : _start.From - 1);
        if (_start.ResetReason is { } reason)
        {
            WriteReset(lane, reason);
        }
    }

    private void WriteBatch(WatchLane lane, WatchBatch batch)
    {
        foreach (var item in batch.Snapshot)
        {
            Write(EventNames.Put, lane.Json.EncodeSnapshot(item, _start.Values), NoId);
        }

        foreach (var (item, endsRevision) in batch.Events)
        {
            var json = lane.Json.Encode(item, _start.Values, _start.Previous);
            Write(item.Change.IsDelete ? EventNames.Delete : EventNames.Put, json, endsRevision ? item.Revision : NoId);
        }

        lane.Sent += batch.Events.Count;
    }

    private void WriteSynced(WatchLane lane)
    {
        var json = lane.Json.EncodeFacts(Cursor, static (writer, cursor) =>
        {
            writer.WriteNumber("rev"u8, cursor.Position);
            writer.WriteNumber("count"u8, cursor.SnapshotCount);
        });
        Write(EventNames.Synced, json, Cursor.Position);
    }

    /// <summary>A bookmark, if it says anything that the last id did not: only what the cursor has proven.</summary>
    private void WriteProgressIfNews(WatchLane lane)
    {
        if (Cursor.IsInSnapshot || Cursor.Position <= _lastId)
        {
            return;
        }

        var json = lane.Json.EncodeFacts(Cursor.Position, static (writer, revision) => writer.WriteNumber("rev"u8, revision));
        Write(EventNames.Progress, json, Cursor.Position);
    }

    private void WriteReset(WatchLane lane, string reason)
    {
        var view = _dispatcher.View;
        var json = lane.Json.EncodeFacts(new PlaceFacts(reason, view.CompactedRevision, view.Revision), static (writer, place) =>
        {
            writer.WriteString("reason"u8, place.Reason);
            writer.WriteNumber("compactedRev"u8, place.CompactedRevision);
            writer.WriteNumber("rev"u8, place.Revision);
        });
        Write(EventNames.Reset, json, NoId);
    }

    private void WriteCompacted(WatchLane lane)
    {
        var view = _dispatcher.View;
        var json = lane.Json.EncodeFacts(new PlaceFacts("", view.CompactedRevision, view.Revision), static (writer, place) =>
        {
            writer.WriteNumber("compactedRev"u8, place.CompactedRevision);
            writer.WriteNumber("rev"u8, place.Revision);
        });
        Write(EventNames.Compacted, json, NoId);
        BeginClosing();
    }

    private void WriteClosing(WatchLane lane, WatchClosing reason)
    {
        if (reason == WatchClosing.Forbidden)
        {
            var type = ProblemCatalog.Forbidden;
            var problem = lane.Json.EncodeFacts(type, static (writer, forbidden) =>
            {
                writer.WriteString("type"u8, forbidden.Uri);
                writer.WriteString("title"u8, forbidden.Title);
                writer.WriteNumber("status"u8, forbidden.Status);
                writer.WriteString("detail"u8, "read on some of the watched keys was taken away"u8);
                writer.WriteString("code"u8, forbidden.Code);
                writer.WriteBoolean("retryable"u8, forbidden.IsRetryable);
            });
            Write(EventNames.Problem, problem, NoId);
        }

        // Browsers read the retry field and nothing else; programs find the same number in the data.
        var retryMs = RetryMs();
        _unflushed += _frames.WriteRetry(_output, retryMs);
        var json = lane.Json.EncodeFacts((reason, retryMs), static (writer, facts) =>
        {
            writer.WriteString("reason"u8, ReasonName(facts.reason));
            writer.WriteNumber("retryAfterMs"u8, facts.retryMs);
        });
        Write(EventNames.Closing, json, NoId);
        BeginClosing();
    }

    private void Write(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json, long id)
    {
        _unflushed += _frames.Write(_output, name, json, id);
        if (id >= 0)
        {
            _lastId = id;
        }
    }

    private static ReadOnlySpan<byte> ReasonName(WatchClosing reason) => reason switch
    {
        WatchClosing.SlowConsumer => "slow-consumer"u8,
        WatchClosing.Shutdown => "shutdown"u8,
        WatchClosing.LeaderLost => "leader-lost"u8,
        WatchClosing.MaxLife => "max-life"u8,
        WatchClosing.Diverged => "member-corrupt"u8,
        WatchClosing.AuthExpired => "auth-expired"u8,
        WatchClosing.Forbidden => "forbidden"u8,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Spread, so that the clients of a member that goes away do not all come back in one instant.</summary>
    private int RetryMs() => Random.Shared.Next(_options.RetryMsMin, _options.RetryMsMax + 1);
}
