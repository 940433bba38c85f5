using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Api.Hosting;

/// <summary>
/// Before a leader stops, while it still serves, it lets the voter with the longest log take over, so that nobody has to wait
/// for an election. A courtesy: when nobody can take over in time, the others elect somebody as after a crash.
/// </summary>
internal sealed class LeadershipHandover(
    NodeOptions options, PublishedState published, ReplicaMailbox mailbox, TimeProvider time) : IHostedLifecycleService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    private bool LeadsOthers => published.Current is { Raft: { Role: RaftRole.Leader, Membership.Voters.Length: > 1 } };

    /// <summary>Ends when another leads, or after an election timeout; at once where there is nothing to hand over.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (!LeadsOthers)
        {
            return;
        }

        mailbox.Post(ReplicaEvent.TransferLeadership(NodeId.None));
        var started = time.GetTimestamp();
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (LeadsOthers && time.GetElapsedTime(started) < options.ElectionTimeout)
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The stop is urgent: then without it.
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
