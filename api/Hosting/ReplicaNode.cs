using System.Text;
using RestKv.Api.Peers;
using RestKv.Api.Watch;
using RestKv.Core;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Leases;
using RestKv.Core.Mvcc;
using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Storage;

namespace RestKv.Api.Hosting;

/// <summary>The node as endpoints see it: encodes commands, posts them to the replica and awaits the answers.</summary>
internal sealed class ReplicaNode(
    ReplicaMailbox mailbox, PublishedState published, WatchDispatcher watches, TimeProvider time)
    : INode, IBackupSource, IAuthSource
{
    /// <summary>A leader that gives a request back each time is asked for some seconds, not until the request is over.</summary>
    private const int AttemptsMax = 256;

    private NodeFacts? _facts;
    private ReplicaThread? _thread;
    private PeerStanding? _standing;
    [ThreadStatic]
    private static ByteWriter? writer;

    private RequestNumbers? _numbers;
    private volatile bool _isLeaving;
    private volatile bool _isShuttingDown;
    private volatile bool _hasCaughtUp;

    public WatchDispatcher Watches => watches;

    public ReadView View => Current.View;

    public bool HasDiverged => Current.Facts.HasDiverged;

    public AuthTable Auth => Current.Auth;

    public long ClusterTimeMs => published.ClusterTimeMs;

    public long AppliedIndex => Current.Raft.Applied.Value;

    private Publication Current => published.Current ?? throw new InvalidOperationException("the node has not started");

    public NodeStatus Status
    {
        get
        {
            var current = Current;
            return new NodeStatus
            {
                Name = Facts.Name,
                MemberId = Facts.Member,
                StoreId = Facts.StoreId,
                Incarnation = Facts.Incarnation,
                Life = Facts.Life,
                Refused = _standing?.Loss?.Reason,
                ClusterId = Facts.Cluster,
                Raft = current.Raft,
                HasCaughtUp = _hasCaughtUp,
                IsReady = _hasCaughtUp && !_isLeaving && !current.Raft.Leader.IsNone && !current.Facts.HasDiverged
                    && _standing?.Loss is null,
                IsShuttingDown = _isLeaving,
                HasDiverged = current.Facts.HasDiverged,
                NoSpaceAlarm = current.Facts.IsFull,
                QuotaBytes = Facts.QuotaBytes,
                LeaseCount = current.Facts.LeaseCount,
                ClusterTimeMs = current.Facts.ClusterTimeMs,
                ProposalsPending = current.Facts.PendingProposals,
                LeasesExpired = current.Facts.LeasesExpired,
                Retention = current.Facts.Retention,
                Members = current.Facts.Members,
                Alarms = current.Facts.Alarms,
            };
        }
    }

    private NodeFacts Facts => _facts ?? throw new InvalidOperationException("the node has not started");

    private RequestNumbers Numbers => _numbers ?? throw new InvalidOperationException("the node has not started");

    private ReplicaThread Thread => _thread ?? throw new InvalidOperationException("the node has not started");

    /// <summary>Called by the host when the replica is about to run.</summary>
    public void Start(NodeFacts facts, ReplicaThread thread, PeerStanding standing) =>
        (_facts, _thread, _standing, _numbers) = (facts, thread, standing, new RequestNumbers(facts.Life));

    /// <summary>Everything that was committed when this member started is applied here.</summary>
    public void CaughtUp() => _hasCaughtUp = true;

    /// <summary>It serves on, and says that nobody new should come.</summary>
    public void BeginLeaving() => _isLeaving = true;

    /// <summary>Nothing more is taken from clients.</summary>
    public void BeginShutdown()
    {
        _isLeaving = true;
        _isShuttingDown = true;
        published.Leader.End();
    }

    public ValueTask<SubmitReply> SubmitAsync(Command command, SubmitOptions options, CancellationToken cancellationToken)
    {
        // A lone member has no election to wait for.
        return Current.IsSoleLeader ? SubmitOnceAsync(command, options) : SubmitPatientlyAsync(command, options);
    }

    /// <summary>
    /// As once, but what is surely in no log and never will be, because nobody leads or the leader gave it back or was lost with
    /// it, is submitted again when there is a leader, if that comes soon. What nobody knows for sure is never sent again.
    /// </summary>
    private async ValueTask<SubmitReply> SubmitPatientlyAsync(Command command, SubmitOptions options)
    {
        var started = time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            var leader = published.Leader.Now;
            var left = options.Timeout - time.GetElapsedTime(started);
            var reply = await SubmitOnceAsync(command, options with { Timeout = left });
            if (reply.Result is not OperationResult.NotApplied
                {
                    Reason: NotAppliedReason.NoLeader or NotAppliedReason.ProposalDropped,
                }
                || !await ShouldTryAgainAsync(attempt, started, leader, options.Timeout))
            {
                return reply;
            }
        }
    }

    private async ValueTask<bool> ShouldTryAgainAsync(int attempt, long started, object leader, TimeSpan timeout) =>
        attempt < AttemptsMax && await published.Leader.WaitAsync(leader, timeout - time.GetElapsedTime(started));

    private ValueTask<SubmitReply> SubmitOnceAsync(Command command, in SubmitOptions options)
    {
        if (_isShuttingDown)
        {
            return RefusedAsync(NotAppliedReason.ShuttingDown);
        }

        if (HasDiverged)
        {
            return RefusedAsync(NotAppliedReason.Diverged);
        }

        var operation = PendingOperation.Rent(DeadlineMs(options.Timeout), isRead: false);
        var task = operation.Task;
        var post = command is Command.LeaseRenew renew && options.IdempotencyKey is null
            ? ReplicaEvent.Renew(operation, new RenewalPart(options.Author, options.Credential, renew.Ids))
            : ReplicaEvent.Submit(operation, Encode(command, options), SpaceNeed.Grows(command));
        return mailbox.TryPost(post) ? task : RefusedAsync(NotAppliedReason.Overloaded);
    }

    public ValueTask<BarrierReply> ReadBarrierAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var current = Current;
        if (current.Facts.HasDiverged)
        {
            return new ValueTask<BarrierReply>(new BarrierReply(BarrierOutcome.Diverged, null));
        }

        // The only voter, having committed in its term: everything ever acknowledged was published before this line.
        return current.IsSoleLeader
            ? new ValueTask<BarrierReply>(new BarrierReply(BarrierOutcome.Ok, current.View))
            : AwaitBarrierPatientlyAsync(timeout);
    }

    /// <summary>A read that was refused because nobody leads is asked again when there is a leader, if that comes soon.</summary>
    private async ValueTask<BarrierReply> AwaitBarrierPatientlyAsync(TimeSpan timeout)
    {
        var started = time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            var leader = published.Leader.Now;
            var reply = await AwaitBarrierAsync(timeout - time.GetElapsedTime(started));
            if (reply.Outcome != BarrierOutcome.NoLeader || !await ShouldTryAgainAsync(attempt, started, leader, timeout))
            {
                return reply;
            }
        }
    }

    public async ValueTask<bool> WaitForRevisionAsync(long revision, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (View.Revision >= revision)
        {
            return true;
        }

        var operation = PendingOperation.Rent(DeadlineMs(timeout), isRead: true);
        var task = operation.Task;
        mailbox.Post(ReplicaEvent.Query((_, _) => Thread.WaitForRevision(revision, operation)));
        try
        {
            var reply = await task.AsTask().WaitAsync(Thread.Ended);
            return reply.Result == PendingOperation.Success;
        }
        catch (OperationCanceledException) when (Thread.Ended.IsCancellationRequested)
        {
            return false;
        }
    }

    public async ValueTask<TableReply> QueryAsync(TableQuery query, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<TableReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        mailbox.Post(ReplicaEvent.Query((machine, now) => answer.TrySetResult(Answer(machine, query))));
        return await answer.Task.WaitAsync(Thread.Ended).WaitAsync(cancellationToken);
    }

    public async ValueTask<BackupImage> CaptureAsync(CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<BackupImage>(TaskCreationOptions.RunContinuationsAsynchronously);
        var cluster = new ClusterId((long)Facts.Cluster);
        mailbox.Post(ReplicaEvent.Capture((image, mark) => answer.TrySetResult(new BackupImage(image, mark, cluster))));
        return await answer.Task.WaitAsync(Thread.Ended).WaitAsync(cancellationToken);
    }

    private async ValueTask<BarrierReply> AwaitBarrierAsync(TimeSpan timeout)
    {
        if (_isShuttingDown)
        {
            return new BarrierReply(BarrierOutcome.ShuttingDown, null);
        }

        var operation = PendingOperation.Rent(DeadlineMs(timeout), isRead: true);
        var task = operation.Task;
        if (!mailbox.TryPost(ReplicaEvent.Read(operation)))
        {
            return new BarrierReply(BarrierOutcome.Overloaded, null);
        }

        var reply = await task;
        return reply.Result switch
        {
            OperationResult.NotApplied { Reason: NotAppliedReason.ShuttingDown } =>
                new BarrierReply(BarrierOutcome.ShuttingDown, null),
            OperationResult.NotApplied => new BarrierReply(BarrierOutcome.NoLeader, null),
            OperationResult.Unknown => new BarrierReply(BarrierOutcome.Timeout, null),
            _ => new BarrierReply(BarrierOutcome.Ok, View),
        };
    }

    private static ValueTask<SubmitReply> RefusedAsync(NotAppliedReason reason) =>
        new(new SubmitReply(new OperationResult.NotApplied(reason), false));

    private long DeadlineMs(TimeSpan timeout) =>
        (long)(time.GetElapsedTime(0) + timeout).TotalMilliseconds;

    private byte[] Encode(Command command, in SubmitOptions options)
    {
        writer ??= new ByteWriter(1024);
        Span<byte> key = stackalloc byte[256];
        var length = options.IdempotencyKey is null ? 0 : Encoding.UTF8.GetBytes(options.IdempotencyKey, key);
        return Envelope.Encode(
            writer, Facts.Member.Value, Facts.Incarnation, Numbers.Next(), options.Author,
            key[..length], options.RequestHash, command, options.Credential);
    }

    private TableReply Answer(KvStateMachine machine, TableQuery query)
    {
        var found = new List<LeaseFacts>();
        var more = false;
        if (query.AllLeasesAfter is not null || (query.Leases is null && query.OutcomeKey is null))
        {
            more = machine.Leases.Page(query.AllLeasesAfter is { IsNone: true } ? null : query.AllLeasesAfter, query.Limit, found);
        }

        foreach (var id in query.Leases ?? [])
        {
            if (machine.Leases.TryGet(id, out var lease))
            {
                found.Add(lease);
            }
        }

        var nowMs = Thread.ClusterTimeMs;
        var leases = found.ConvertAll(lease => new LeaseInfo(
            lease.Id, lease.TtlSeconds, Math.Max(0, lease.DeadlineMs - nowMs), Keys(machine, lease, query.WithKeys)));
        var outcome = query.OutcomeKey is null
            ? null
            : machine.Lookup(query.Author, Encoding.UTF8.GetBytes(query.OutcomeKey));
        return new TableReply(leases, more, outcome, machine.Retention);
    }

    private static List<ReadOnlyMemory<byte>> Keys(KvStateMachine machine, in LeaseFacts lease, bool isWanted)
    {
        var keys = new List<ReadOnlyMemory<byte>>();
        if (isWanted)
        {
            machine.Leases.CollectKeys(lease.Id, keys);
        }

        return keys;
    }
}

/// <summary>What never changes while the process lives.</summary>
internal sealed record NodeFacts(string Name, NodeId Member, ulong Cluster, long Incarnation, long QuotaBytes, long StoreId, long Life);
