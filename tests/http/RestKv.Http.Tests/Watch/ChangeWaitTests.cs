using RestKv.Api.Watch;
using RestKv.Core.Model;
using RestKv.Testing;

namespace RestKv.Http.Tests.Watch;

/// <summary>Long polls as the dispatcher serves them.</summary>
public sealed class ChangeWaitTests
{
    private static readonly KeyRange Range = KeyRange.Prefix("a"u8.ToArray());
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_change_that_is_there_already_answers_at_once()
    {
        await using var rig = new WatchRig();
        rig.Put("v", "a");

        Assert.Equal(ChangeWaitOutcome.Changed, await Wait(rig, after: 1));
    }

    [Fact]
    public async Task Only_a_change_in_the_range_answers()
    {
        await using var rig = new WatchRig();
        var wait = Wait(rig, after: 1);
        rig.Put("v", "b");
        await Eventually.TrueAsync(() => rig.Dispatcher.LiveCount == 1, "the wait is live");
        rig.Put("v", "c");
        Assert.False(wait.IsCompleted);

        rig.Put("v", "a");

        Assert.Equal(ChangeWaitOutcome.Changed, await wait.WaitAsync(Eventually.Deadline));
        Assert.Equal(0, rig.Dispatcher.OpenCount);
    }

    [Fact]
    public async Task A_wait_ends_with_its_time()
    {
        await using var rig = new WatchRig();
        var wait = Wait(rig, after: 1);
        await Eventually.TrueAsync(() => rig.Dispatcher.LiveCount == 1, "the wait is live");

        rig.Clock.Advance(Long + TimeSpan.FromSeconds(1));

        Assert.Equal(ChangeWaitOutcome.TimedOut, await wait.WaitAsync(Eventually.Deadline));
    }

    [Fact]
    public async Task A_client_that_leaves_ends_its_wait()
    {
        await using var rig = new WatchRig();
        using var leaves = new CancellationTokenSource();
        var wait = rig.Dispatcher.WaitForChangeAsync(Range, 1, rig.View, Long, leaves.Token).AsTask();

        await leaves.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(Eventually.Deadline));
        await Eventually.TrueAsync(() => rig.Dispatcher is { OpenCount: 0, LiveCount: 0 }, "nothing is left of it");
    }

    [Fact]
    public async Task History_that_is_gone_says_look_again()
    {
        await using var rig = new WatchRig();
        for (var i = 0; i < 5; i++)
        {
            rig.Put("v", "b");
        }

        rig.Compact(5);

        Assert.Equal(ChangeWaitOutcome.Changed, await Wait(rig, after: 1));
    }

    [Fact]
    public async Task Stopping_ends_every_wait()
    {
        await using var rig = new WatchRig();
        var wait = Wait(rig, after: 1);

        await rig.Dispatcher.ShutDownAsync(CancellationToken.None).WaitAsync(Eventually.Deadline);

        Assert.Equal(ChangeWaitOutcome.ShuttingDown, await wait.WaitAsync(Eventually.Deadline));
    }

    private static Task<ChangeWaitOutcome> Wait(WatchRig rig, long after) =>
        rig.Dispatcher.WaitForChangeAsync(Range, after, rig.View, Long, CancellationToken.None).AsTask();
}
