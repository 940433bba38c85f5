using RestKv.Api.Hosting;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Testing;

namespace RestKv.Http.Tests.Hosting;

/// <summary>A replica's thread that stands still at the worst moment.</summary>
public sealed class LateClockTests
{
    [Fact]
    public async Task A_keep_alive_that_was_sent_while_the_replica_stood_still_counts_from_when_it_was_sent()
    {
        using var folder = new TempFolder();
        var clock = new StumblingClock();
        await using var rig = new HostRig(folder, time: clock);
        await rig.StartAsync();
        var lease = new LeaseId(7);
        var options = new SubmitOptions("", TimeSpan.FromDays(1));
        await rig.Node.SubmitAsync(new Command.LeaseGrant(lease, 7200), options, CancellationToken.None);

        // The thread has read the clock; an hour later it goes on, and finds the keep-alive that was sent meanwhile.
        var renewal = new TaskCompletionSource<Task<SubmitReply>>(TaskCreationOptions.RunContinuationsAsynchronously);
        clock.Stumble(TimeSpan.FromHours(1), () => renewal.SetResult(
            rig.Node.SubmitAsync(new Command.LeaseRenew([lease]), options, CancellationToken.None).AsTask()));
        var renewing = await renewal.Task.WaitAsync(Eventually.Deadline);
        var reply = await renewing.WaitAsync(Eventually.Deadline);

        Assert.IsType<OperationResult.LeaseRenewed>(reply.Result);
        var table = await rig.Node.QueryAsync(new TableQuery(Leases: [lease]), CancellationToken.None);
        Assert.InRange(table.Leases.Single().RemainingMs, 5_400_000, 7_200_000);
        await rig.StopAsync();
    }

    /// <summary>The system's, until the replica's thread stands still for a while after it has looked at it.</summary>
    private sealed class StumblingClock : TimeProvider
    {
        private long _ahead;
        private Action? _meanwhile;
        private TimeSpan _pause;

        public override long GetTimestamp() => base.GetTimestamp() + Volatile.Read(ref _ahead);

        /// <summary>The second half of a look of the replica's thread: the monotonic time was read just before.</summary>
        public override DateTimeOffset GetUtcNow()
        {
            var now = base.GetUtcNow();
            if (Thread.CurrentThread.Name == "replica" && Interlocked.Exchange(ref _meanwhile, null) is { } meanwhile)
            {
                Interlocked.Add(ref _ahead, (long)(_pause.TotalSeconds * TimestampFrequency));
                meanwhile();
            }

            return now;
        }

        public void Stumble(TimeSpan pause, Action meanwhile)
        {
            _pause = pause;
            Volatile.Write(ref _meanwhile, meanwhile);
        }
    }
}
