using RestKv.Api.Etcd.Messages;
using RestKv.Core.Model;
using static RestKv.Http.Tests.Etcd.Watches.WatchWords;

namespace RestKv.Http.Tests.Etcd.Watches;

/// <summary>What a stream of watches says to its requests, and which events it gives.</summary>
public sealed class WatchSessionTests
{
    [Fact]
    public async Task A_watch_is_announced_with_the_revision_it_begins_behind_and_then_sees_every_change()
    {
        await using var rig = new SessionRig();
        rig.Store.Put("old", "a");
        var stream = rig.Open();
        stream.Send(Create(""));

        var created = await stream.CreatedAsync();
        Assert.Equal((2L, 5UL, 7UL, 3UL), (created.Header.Revision, created.Header.ClusterId, created.Header.MemberId, created.Header.RaftTerm));

        rig.Store.Put("1", "a", "b");
        rig.Store.Delete("a");
        Assert.Equal(["3 PUT a=1", "3 PUT b=1", "4 DELETE a"], await stream.EventsAsync(3));
    }

    [Fact]
    public async Task Events_are_whole_pairs_and_deletions_only_keys()
    {
        await using var rig = new SessionRig();
        rig.Store.Put("1", "a");
        rig.Store.Put("2", "a");
        rig.Store.Delete("a");
        var stream = rig.Open();
        stream.Send(Create("a", create => create.StartRevision = 3));
        await stream.CreatedAsync();

        var answer = await stream.NextAsync();

        Assert.Equal(
            new KeyValueFacts("a", "2", 2, 3, 2), KeyValueFacts.Of(answer.Events[0].Kv));
        Assert.Equal(new KeyValueFacts("a", "", 0, 4, 0), KeyValueFacts.Of(answer.Events[1].Kv));
        Assert.All(answer.Events, one => Assert.Null(one.PrevKv));
    }

    [Fact]
    public async Task Previous_pairs_come_when_asked_for_and_still_there()
    {
        await using var rig = new SessionRig();
        rig.Store.Put("1", "a");
        rig.Store.Put("2", "a");
        rig.Store.Put("3", "a");
        rig.Store.Compact(3);
        rig.Store.Delete("a");
        var stream = rig.Open();
        stream.Send(Create("a", create => (create.StartRevision, create.PrevKv) = (3, true)));
        await stream.CreatedAsync();

        Assert.Equal(["3 PUT a=2", "4 PUT a=3 was 2", "5 DELETE a was 3"], await stream.EventsAsync(3));
    }

    [Fact]
    public async Task Ids_count_up_from_zero_past_those_that_are_taken()
    {
        await using var rig = new SessionRig();
        var stream = rig.Open();
        stream.Send(Create("a"));
        stream.Send(Create("a", create => create.WatchId = 1));
        stream.Send(Create("a"));
        stream.Send(Cancel(2));
        stream.Send(Create("a"));
        stream.Send(Create("a", create => create.WatchId = 2));
        stream.Send(Create("a", create => create.WatchId = 2));

        await stream.CreatedAsync(0);
        await stream.CreatedAsync(1);
        await stream.CreatedAsync(2);
        Assert.True(await stream.NextAsync() is { WatchId: 2, Canceled: true, Created: false });
        await stream.CreatedAsync(3);
        await stream.CreatedAsync(2);
        Assert.Equal("mvcc: duplicate watch ID provided on the WatchStream", await RefusalAsync(stream));
    }

    [Fact]
    public async Task A_range_without_keys_is_refused_and_the_stream_lives_on()
    {
        await using var rig = new SessionRig();
        var stream = rig.Open();
        stream.Send(Create("b", create => create.RangeEnd = Bytes("a")));
        stream.Send(Create("b", create => create.RangeEnd = Bytes("b")));
        stream.Send(Create("b"));

        Assert.Equal("mvcc: watcher range is empty", await RefusalAsync(stream));
        Assert.Equal("mvcc: watcher range is empty", await RefusalAsync(stream));
        await stream.CreatedAsync();
    }

    [Fact]
    public async Task Who_may_not_read_the_range_is_refused_that_watch_alone()
    {
        await using var rig = new SessionRig();
        rig.AllowOnly(KeyRange.Single("a"u8.ToArray()));
        var stream = rig.Open();
        stream.Send(Create("b"));
        stream.Send(Create("a", create => create.RangeEnd = EveryKey));
        stream.Send(Create("a"));

        const string Denied = "rpc error: code = PermissionDenied desc = etcdserver: permission denied";
        Assert.Equal(Denied, await RefusalAsync(stream));
        Assert.Equal(Denied, await RefusalAsync(stream));
        await stream.CreatedAsync();
    }

    [Fact]
    public async Task A_watch_ends_when_its_right_is_taken_and_shows_nothing_of_later()
    {
        await using var rig = new SessionRig();
        rig.AllowOnly(KeyRange.Single("a"u8.ToArray()), KeyRange.Single("b"u8.ToArray()));
        var stream = rig.Open();
        stream.Send(Create("a"));
        await stream.CreatedAsync();
        stream.Send(Create("b"));
        await stream.CreatedAsync(1);

        rig.AllowOnly(KeyRange.Single("b"u8.ToArray()));
        rig.Store.Put("1", "a", "b");

        var ended = await stream.NextAsync();
        Assert.True(ended is { WatchId: 0, Canceled: true } && ended.Events.Count == 0, ended.ToString());
        Assert.Equal(["2 PUT b=1"], await stream.EventsAsync(1, id: 1));
    }

    [Fact]
    public async Task An_id_that_compaction_ended_is_not_given_to_another_watch()
    {
        await using var rig = new SessionRig();
        rig.Store.Put("1", "a");
        rig.Store.Put("2", "a");
        rig.Store.Compact(3);
        var stream = rig.Open();
        stream.Send(Create("a"));
        await stream.CreatedAsync();
        stream.Send(Create("a", create => (create.WatchId, create.StartRevision) = (1, 1)));
        await stream.CreatedAsync(1);
        Assert.Equal(3, (await stream.NextAsync()).CompactRevision);

        stream.Send(Create("a"));

        await stream.CreatedAsync(2);
    }

    [Fact]
    public async Task Filters_drop_their_kind_and_nothing_is_sent_for_what_they_drop()
    {
        await using var rig = new SessionRig();
        var stream = rig.Open();
        stream.Send(Create("a", create => create.Filters.Add(WatchCreateRequest.Types.FilterType.Noput)));
        stream.Send(Create("a", create => create.Filters.Add(
            [WatchCreateRequest.Types.FilterType.Noput, WatchCreateRequest.Types.FilterType.Nodelete])));
        stream.Send(Create("a", create => create.Filters.Add(WatchCreateRequest.Types.FilterType.Nodelete)));
        await stream.CreatedAsync(0);
        await stream.CreatedAsync(1);
        await stream.CreatedAsync(2);

        rig.Store.Put("1", "a");
        Assert.Equal(["2 PUT a=1"], await stream.EventsAsync(1, id: 2));
        rig.Store.Delete("a");
        Assert.Equal(["3 DELETE a"], await stream.EventsAsync(1, id: 0));
        stream.Send(Progress());
        Assert.Equal(-1, (await stream.NextAsync()).WatchId);
    }

    [Fact]
    public async Task A_place_that_is_gone_is_told_after_the_watch_was_made_and_ends_only_that_watch()
    {
        await using var rig = new SessionRig();
        for (var i = 0; i < 5; i++)
        {
            rig.Store.Put($"{i}", "a");
        }

        rig.Store.Compact(4);
        var stream = rig.Open();
        stream.Send(Create("a", create => create.StartRevision = 3));
        await stream.CreatedAsync();
        var gone = await stream.NextAsync();
        Assert.True(gone is { Canceled: true, Created: false, CompactRevision: 4, CancelReason: "", Header.Revision: 0, WatchId: 0 });
        Assert.Equal(5UL, gone.Header.ClusterId);

        // The compacted revision itself is whole.
        stream.Send(Create("a", create => create.StartRevision = 4));
        await stream.CreatedAsync(1);
        Assert.Equal(["4 PUT a=2", "5 PUT a=3", "6 PUT a=4"], await stream.EventsAsync(3, id: 1));
    }

    [Fact]
    public async Task History_from_the_compacted_revision_has_a_deletion_made_there()
    {
        await using var rig = new SessionRig();
        rig.Store.Put("1", "a");
        rig.Store.Delete("a");
        rig.Store.Compact(3);
        var stream = rig.Open();
        stream.Send(Create("", create => create.StartRevision = 3));

        await stream.CreatedAsync();
        Assert.Equal(["3 DELETE a"], await stream.EventsAsync(1));
    }

    [Fact]
    public async Task A_negative_start_is_all_of_history_and_a_start_in_the_future_nothing_before_it()
    {
        await using var rig = new SessionRig();
        rig.Store.Put("1", "a");
        var stream = rig.Open();
        stream.Send(Create("a", create => create.StartRevision = long.MinValue));
        await stream.CreatedAsync();
        Assert.Equal(["2 PUT a=1"], await stream.EventsAsync(1));
        stream.Send(Cancel(0));
        await stream.NextAsync();

        stream.Send(Create("a", create => create.StartRevision = 5));
        await stream.CreatedAsync(1);
        rig.Store.Put("2", "a");
        rig.Store.Put("3", "a");
        rig.Store.Put("4", "a");
        Assert.Equal(["5 PUT a=4"], await stream.EventsAsync(1, id: 1));
    }

    [Fact]
    public async Task History_carries_the_revision_of_the_store_and_live_events_their_own()
    {
        await using var rig = new SessionRig();
        rig.Store.Put("1", "a");
        rig.Store.Put("1", "b");
        var stream = rig.Open();
        stream.Send(Create("a", create => create.StartRevision = 1));
        await stream.CreatedAsync();
        Assert.Equal(3, (await stream.NextAsync()).Header.Revision);

        // Live once it has said so.
        stream.Send(Progress());
        Assert.Equal(-1, (await stream.NextAsync()).WatchId);
        rig.Store.Put("2", "a");
        Assert.Equal(4, (await stream.NextAsync()).Header.Revision);
    }

    [Fact]
    public async Task After_a_cancel_comes_no_event_and_an_unknown_id_no_answer()
    {
        await using var rig = new SessionRig();
        var stream = rig.Open();
        stream.Send(Create("a"));
        stream.Send(Create("b"));
        stream.Send(Cancel(777));
        stream.Send(Cancel(0));
        await stream.CreatedAsync(0);
        await stream.CreatedAsync(1);
        Assert.True(await stream.NextAsync() is { WatchId: 0, Canceled: true, Header.Revision: 1, CompactRevision: 0, CancelReason: "" });

        rig.Store.Put("1", "a", "b");
        Assert.Equal(["2 PUT b=1"], await stream.EventsAsync(1, id: 1));
    }

    [Fact]
    public async Task Requests_that_say_nothing_are_passed_over()
    {
        await using var rig = new SessionRig();
        var stream = rig.Open();
        stream.Send(new WatchRequest());
        stream.Send(Progress());
        stream.Send(Create(""));
        await stream.CreatedAsync();
    }

    private static async Task<string> RefusalAsync(EtcdStream stream)
    {
        var answer = await stream.NextAsync();
        Assert.True(answer is { WatchId: -1, Created: true, Canceled: true, CompactRevision: 0 }, answer.ToString());
        Assert.True(answer.Header.Revision > 0);
        return answer.CancelReason;
    }

    private sealed record KeyValueFacts(string Key, string Value, long Created, long Modified, long Version)
    {
        public static KeyValueFacts Of(Api.Etcd.Messages.KeyValue pair) =>
            new(pair.Key.ToStringUtf8(), pair.Value.ToStringUtf8(), pair.CreateRevision, pair.ModRevision, pair.Version);
    }
}
