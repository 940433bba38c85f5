using RestKv.Api.Security;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Api.Hosting;

/// <summary>
/// What a member of several does before it stops, so that no request fails for it: (1) it says that it is not ready; (2) if it
/// leads, the voter with the longest log takes over; (3) it goes on serving, by way of the new leader, while its clients are
/// asked to go; (4) it takes no new connections, and answers those that were made before. Then the server closes what is left,
/// which is idle, and the replica ends. Each part is bounded, and all of it by the time the stop may take. A member by itself does
/// only the last part: nobody could take over, but who is connected already has sent a request.
/// </summary>
internal sealed class GracefulStop(
    NodeOptions options,
    PublishedState published,
    ReplicaNode node,
    ReplicaMailbox mailbox,
    Departure departure,
    ClientListeners listeners,
    TimeProvider time,
    ILogger<GracefulStop> logger) : IHostedLifecycleService
{
    /// <summary>Part of the time for the stop that each of its courtesies may take.</summary>
    private const int PartOfTimeout = 8;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// A client that sends nothing for so long on its connection hardly does so in the millisecond in which it is closed.
    /// </summary>
    private static readonly TimeSpan IdleGraceMax = TimeSpan.FromSeconds(1);

    /// <summary>For those who were connecting when the door was closed, over a network: to get in and send their request.</summary>
    private static readonly TimeSpan LastGuests = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// A connection that was just accepted passes through the queue of the pool before it is counted here, as does each look: so
    /// nobody is on the way any more when several looks in a row have seen nobody.
    /// </summary>
    private const int QuietLooks = 3;

    private bool LeadsOthers => published.Current is { Raft: { Role: RaftRole.Leader, Membership.Voters.Length: > 1 } };

    private bool HasOthers =>
        published.Current is { Raft.Membership: var members } && members.Voters.Length + members.Learners.Length > 1;

    private TimeSpan PartMax => options.ShutdownTimeout / PartOfTimeout;

    private TimeSpan Grace => PartMax < IdleGraceMax ? PartMax : IdleGraceMax;

    /// <summary>Runs before anything stops.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        node.BeginLeaving();
        try
        {
            if (HasOthers)
            {
                await HandOverAsync(cancellationToken);
                departure.BeginLeaving();
                await ServeLastGuestsAsync(await SeeClientsOffAsync(cancellationToken), LastGuests, cancellationToken);
            }
            else
            {
                departure.BeginLeaving();
                await ServeLastGuestsAsync(silent: 0, TimeSpan.Zero, cancellationToken);
            }

            if (HasOthers)
            {
                // It may have been elected once more meanwhile.
                await HandOverAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The stop is urgent: then without courtesies.
        }

        departure.BeginLeaving();
        departure.BeginClosing();
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>When nobody can take over in time, the others elect somebody as after a crash.</summary>
    private async Task HandOverAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        using var timer = new PeriodicTimer(Look, time);
        while (LeadsOthers && time.GetElapsedTime(began) < PartMax)
        {
            // A transfer has ended after an election timeout, one way or the other: then once more.
            var asked = time.GetTimestamp();
            mailbox.Post(ReplicaEvent.TransferLeadership(NodeId.None));
            while (LeadsOthers && time.GetElapsedTime(asked) < options.ElectionTimeout && time.GetElapsedTime(began) < PartMax)
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }
    }

    /// <summary>Returns how many connections there may be on which nothing was said all the time.</summary>
    private async Task<int> SeeClientsOffAsync(CancellationToken cancellationToken)
    {
        HostingLog.Leaving(logger, departure.Connections);
        using var timer = new PeriodicTimer(Look, time);
        var began = time.GetTimestamp();
        var silent = departure.Unheard;
        while (departure.Connections > 0 && time.GetElapsedTime(began) < Grace)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            silent = Math.Min(silent, departure.Unheard);
        }

        HostingLog.SeenOff(logger, departure.Connections);
        return silent;
    }

    /// <summary>
    /// Whoever the system has let in is accepted and answered, however long this busy machine takes for that (up to a quarter of
    /// the time for the stop). Who is connected and says nothing is not waited for.
    /// </summary>
    private async Task ServeLastGuestsAsync(int silent, TimeSpan least, CancellationToken cancellationToken)
    {
        listeners.TakeNoMore();
        var began = time.GetTimestamp();
        var lastComing = began;
        var quiet = 0;
        using var timer = new PeriodicTimer(Look, time);
        while ((quiet < QuietLooks || time.GetElapsedTime(began) < least) && time.GetElapsedTime(began) < PartMax * 2)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            var isComing = listeners.Waiting > 0;
            lastComing = isComing ? time.GetTimestamp() : lastComing;
            var isHeard = departure.Unheard <= silent || time.GetElapsedTime(lastComing) > Grace;
            quiet = isComing || !isHeard ? 0 : quiet + 1;
        }
    }
}
