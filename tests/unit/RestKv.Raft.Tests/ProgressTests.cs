namespace RestKv.Raft.Tests;

/// <summary>The three states of a follower in a leader's eyes, and the window of messages in flight.</summary>
public sealed class ProgressTests
{
    private static readonly RaftConfig Config = new() { InflightMessagesMax = 3, InflightBytesMax = 100 };

    [Fact]
    public void Probe_sends_one_append_and_waits_for_its_answer_or_a_heartbeat()
    {
        var progress = Probing(next: 5);

        Assert.True(progress.WantsAppend(At(9), At(0)));
        progress.Sent(At(9), 10, At(0));
        Assert.False(progress.WantsAppend(At(9), At(0)));
        Assert.Equal(At(5), progress.Next);

        progress.HeartbeatAnswered(0);
        Assert.True(progress.WantsAppend(At(9), At(0)));
    }

    [Fact]
    public void Acknowledgement_turns_probing_into_pipelining()
    {
        var progress = Probing(next: 5);
        progress.Sent(At(4), 0, At(0));

        Assert.True(progress.Acked(At(4), At(1)));

        Assert.Equal(ProgressState.Replicate, progress.State);
        Assert.Equal((At(4), At(5)), (progress.Match, progress.Next));
    }

    [Fact]
    public void Window_closes_by_messages_and_opens_with_acknowledgements()
    {
        var progress = Replicating(match: 4);
        for (var index = 5; index <= 7; index++)
        {
            Assert.True(progress.CanTakeEntries(At(20)));
            progress.Sent(At(index), 1, At(0));
        }

        Assert.False(progress.CanTakeEntries(At(20)));
        Assert.False(progress.WantsAppend(At(20), At(0)));
        progress.Acked(At(6), At(1));
        Assert.True(progress.CanTakeEntries(At(20)));
        Assert.Equal(1, progress.InflightCount);
    }

    [Fact]
    public void Window_closes_by_bytes()
    {
        var progress = Replicating(match: 4);

        progress.Sent(At(5), 100, At(0));

        Assert.False(progress.CanTakeEntries(At(20)));
    }

    [Fact]
    public void Rejection_in_the_pipeline_goes_back_to_probing_where_the_logs_may_agree()
    {
        var progress = Replicating(match: 4);
        progress.Sent(At(8), 1, At(0));

        Assert.True(progress.Rejected(At(8), agreed: At(6)));

        Assert.Equal((ProgressState.Probe, At(7)), (progress.State, progress.Next));
        Assert.Equal(0, progress.InflightCount);
    }

    [Fact]
    public void Overtaken_rejections_change_nothing()
    {
        var replicating = Replicating(match: 4);
        var probing = Probing(next: 5);

        Assert.False(replicating.Rejected(At(4), agreed: At(1)));
        Assert.False(probing.Rejected(At(9), agreed: At(1)));

        Assert.Equal(At(5), replicating.Next);
        Assert.Equal(At(5), probing.Next);
    }

    [Fact]
    public void Next_never_falls_to_what_is_known_to_match()
    {
        var progress = Replicating(match: 4);
        progress.Sent(At(8), 1, At(0));

        progress.Rejected(At(8), agreed: At(2));

        Assert.Equal(At(5), progress.Next);
    }

    [Fact]
    public void Follower_that_takes_back_what_it_acknowledged_gets_one_append_a_heartbeat()
    {
        var progress = Replicating(match: 4);
        progress.Sent(At(5), 1, At(0));
        progress.Rejected(At(5), agreed: At(0));
        progress.Sent(At(5), 1, At(0));

        Assert.False(progress.Rejected(At(4), agreed: At(0)));

        Assert.False(progress.WantsAppend(At(9), At(9)));
    }

    [Fact]
    public void Old_acknowledgements_never_lower_the_match()
    {
        var progress = Replicating(match: 4);

        Assert.False(progress.Acked(At(3), At(1)));

        Assert.Equal((At(4), At(5)), (progress.Match, progress.Next));
    }

    [Fact]
    public void Commit_alone_is_worth_one_empty_append()
    {
        var progress = Replicating(match: 4);

        Assert.True(progress.WantsAppend(At(4), At(4)));
        progress.Sent(At(4), 0, At(4));
        Assert.False(progress.WantsAppend(At(4), At(4)));

        // A commit beyond what was sent to it is none of its business yet.
        Assert.False(progress.WantsAppend(At(4), At(9)));
    }

    [Fact]
    public void Heartbeat_brings_a_lost_tail_to_light()
    {
        var progress = Replicating(match: 4);
        progress.Sent(At(5), 1, At(0));
        Assert.False(progress.WantsAppend(At(5), At(0)));

        progress.HeartbeatAnswered(0);

        Assert.True(progress.WantsAppend(At(5), At(0)));
    }

    [Fact]
    public void Snapshot_sends_nothing_until_it_ends()
    {
        var progress = Probing(next: 5);
        progress.BecomeSnapshot();
        progress.HeartbeatAnswered(0);
        Assert.False(progress.WantsAppend(At(20), At(20)));

        progress.SnapshotEnded(delivered: true, firstAvailable: At(11));

        Assert.Equal((ProgressState.Probe, At(11)), (progress.State, progress.Next));
        Assert.True(progress.WantsAppend(At(20), At(20)));
    }

    [Fact]
    public void Failed_snapshot_waits_for_a_sign_of_life()
    {
        var progress = Probing(next: 5);
        progress.BecomeSnapshot();

        progress.SnapshotEnded(delivered: false, firstAvailable: At(11));

        Assert.False(progress.WantsAppend(At(20), At(20)));
        progress.HeartbeatAnswered(0);
        Assert.True(progress.WantsAppend(At(20), At(20)));
    }

    [Fact]
    public void Acknowledgement_within_the_window_ends_a_snapshot()
    {
        var progress = Probing(next: 5);
        progress.BecomeSnapshot();

        progress.Acked(At(9), firstAvailable: At(11));
        Assert.Equal(ProgressState.Snapshot, progress.State);
        progress.Acked(At(10), firstAvailable: At(11));

        Assert.Equal(ProgressState.Replicate, progress.State);
    }

    [Fact]
    public void Broken_connection_means_asking_anew_once_the_peer_shows_up()
    {
        var progress = Replicating(match: 4);
        progress.Sent(At(9), 1, At(0));

        progress.ConnectionLost();

        Assert.Equal((ProgressState.Probe, At(5)), (progress.State, progress.Next));
        Assert.False(progress.WantsAppend(At(9), At(0)));
        progress.HeartbeatAnswered(0);
        Assert.True(progress.WantsAppend(At(9), At(0)));
    }

    [Fact]
    public void Inflight_ring_grows_to_its_limit_and_keeps_order()
    {
        var inflight = new Inflight(messagesMax: 100, bytesMax: int.MaxValue);
        var added = 0;
        var freed = 0;
        var random = new SplitMix64(1);
        for (var step = 0; step < 2000; step++)
        {
            if (random.Next(3) > 0 && !inflight.Full)
            {
                inflight.Add(At(++added), added);
            }
            else if (added > freed)
            {
                freed += 1 + random.Next(added - freed);
                inflight.FreeUpTo(At(freed));
            }

            Assert.Equal(added - freed, inflight.Count);
            Assert.Equal(Enumerable.Range(freed + 1, added - freed).Sum(), inflight.Bytes);
        }

        Assert.True(added > 500);
    }

    private static LogIndex At(long index) => new(index);

    private static Progress Probing(long next) => new(new NodeId(2), At(next), 0, Config);

    private static Progress Replicating(long match)
    {
        var progress = Probing(match + 1);
        progress.Sent(At(match), 0, At(0));
        Assert.True(progress.Acked(At(match), At(1)));
        return progress;
    }
}
