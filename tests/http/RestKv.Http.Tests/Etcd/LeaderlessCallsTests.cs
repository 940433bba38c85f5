using RestKv.Api.Etcd;
using RestKv.Api.Hosting;
using RestKv.Api.Security.Auth;
using RestKv.Api.Telemetry;
using RestKv.Api.Watch;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Http.Tests.Watch;
using RestKv.Raft;

namespace RestKv.Http.Tests.Etcd;

/// <summary>Calls to a member that knows no leader: clients leave one that is silent, and stay with one that answers.</summary>
public sealed class LeaderlessCallsTests
{
    private static readonly Command Grant = new Command.LeaseGrant(LeaseId.None, 60);

    [Fact]
    public async Task They_wait_for_a_leader()
    {
        await using var rig = new Rig { RefusalsMax = 3 };

        Assert.Same(rig.Store.Published, await rig.Etcd.ViewAsync(new EtcdCall(), isSerializable: false));
        Assert.Equal(4, rig.Asked);

        rig.RefusalsMax = 7;
        Assert.IsType<OperationResult.LeaseGranted>(await rig.Etcd.SubmitAsync(Grant, new EtcdCall()));
        Assert.Equal(8, rig.Asked);
    }

    [Fact]
    public async Task They_are_refused_when_their_time_is_over_and_not_before()
    {
        await using var rig = new Rig { RefusalsMax = int.MaxValue };
        var end = DateTimeOffset.UtcNow + TimeSpan.FromMilliseconds(300);
        var call = new EtcdCall { Deadline = end };

        var faults = new[]
        {
            await Assert.ThrowsAsync<EtcdFault>(() => rig.Etcd.ViewAsync(call, isSerializable: false).AsTask()),
            await Assert.ThrowsAsync<EtcdFault>(
                () => rig.Etcd.SubmitAsync(Grant, new EtcdCall { Deadline = DateTimeOffset.UtcNow + TimeSpan.FromMilliseconds(300) }).AsTask()),
        };

        Assert.True(DateTimeOffset.UtcNow >= end + TimeSpan.FromMilliseconds(290));
        Assert.All(faults, fault => Assert.Equal((GrpcCode.DeadlineExceeded, "context deadline exceeded"), (fault.Code, fault.Message)));
    }

    [Fact]
    public async Task Nobody_waits_for_a_client_that_is_gone()
    {
        await using var rig = new Rig { RefusalsMax = int.MaxValue };
        using var aborted = new CancellationTokenSource();
        await aborted.CancelAsync();

        await Assert.ThrowsAsync<EtcdFault>(() => rig.Etcd.SubmitAsync(Grant, new EtcdCall { Aborted = aborted.Token }).AsTask());

        Assert.Equal(1, rig.Asked);
    }

    private sealed class Rig : INode, IAuthSource, IAsyncDisposable
    {
        private static readonly NodeId Self = new(7);

        private readonly NodeMetrics _metrics = new();
        private readonly PasswordWork _passwords = new(new PasswordHasher(1));
        private readonly SessionRenewal _renewal;

        public Rig()
        {
            _renewal = new SessionRenewal(this, this);
            var authenticator = new Authenticator(this, this, _passwords, new LoginLimits(TimeProvider.System), _renewal, TimeProvider.System);
            Etcd = new EtcdNode(this, new EtcdAuthority(this, authenticator), _metrics, TimeProvider.System);
        }

        public EtcdNode Etcd { get; }

        public WatchRig Store { get; } = new();

        /// <summary>So often there is no leader.</summary>
        public int RefusalsMax { get; set; }

        public int Asked { get; private set; }

        public ReadView View => Store.Published;

        public bool HasDiverged => false;

        public AuthTable Auth => AuthTable.Empty;

        public long ClusterTimeMs => 0;

        public long AppliedIndex => 0;

        public NodeStatus Status { get; } = new()
        {
            Name = "rig",
            MemberId = Self,
            ClusterId = 5,
            Raft = new RaftStatus(
                Self, RaftRole.Follower, new Term(3), NodeId.None, LogIndex.Zero, LogIndex.Zero, LogIndex.Zero, LogIndex.Zero,
                new Membership([Self], [])),
        };

        public WatchDispatcher Watches => Store.Dispatcher;

        public ValueTask<SubmitReply> SubmitAsync(Command command, SubmitOptions options, CancellationToken cancellationToken) => new(
            ++Asked <= RefusalsMax
                ? new SubmitReply(new OperationResult.NotApplied(NotAppliedReason.NoLeader), false)
                : new SubmitReply(new OperationResult.LeaseGranted(1, new LeaseId(5), 60), false));

        public ValueTask<BarrierReply> ReadBarrierAsync(TimeSpan timeout, CancellationToken cancellationToken) => new(
            ++Asked <= RefusalsMax ? new BarrierReply(BarrierOutcome.NoLeader, null) : new BarrierReply(BarrierOutcome.Ok, View));

        public ValueTask<bool> WaitForRevisionAsync(long revision, TimeSpan timeout, CancellationToken cancellationToken) => new(true);

        public ValueTask<TableReply> QueryAsync(TableQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public async ValueTask DisposeAsync()
        {
            await Store.DisposeAsync();
            await _renewal.DisposeAsync();
            _passwords.Dispose();
            _metrics.Dispose();
        }
    }
}
