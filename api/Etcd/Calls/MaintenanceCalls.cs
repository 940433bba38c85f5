using RestKv.Api.Etcd.Messages;
using RestKv.Api.Http;
using RestKv.Api.Peers;
using RestKv.Core.Alarms;
using RestKv.Core.Commands;
using RestKv.Raft;

namespace RestKv.Api.Etcd.Calls;

/// <summary>The service Maintenance, but for its stream.</summary>
internal sealed class MaintenanceCalls(EtcdNode etcd, ClusterProbe probe)
{
    private static readonly TimeSpan TransferTimeout = TimeSpan.FromSeconds(5);

    public async ValueTask<AlarmResponse> AlarmAsync(AlarmRequest request, EtcdCall call)
    {
        var alarm = new Alarm((AlarmKind)request.Alarm, new NodeId((long)request.MemberID));
        var response = new AlarmResponse();
        switch (request.Action)
        {
            case AlarmRequest.Types.AlarmAction.Get:
                await etcd.ReadAsync(call, isSerializable: false, EtcdNeed.Identity);
                response.Alarms.AddRange(EtcdAlarms.Of(etcd.Node.Status)
                    .Where(found => alarm.Kind == AlarmKind.None || found.Kind == alarm.Kind)
                    .Select(MemberOf));
                break;
            case AlarmRequest.Types.AlarmAction.Activate or AlarmRequest.Types.AlarmAction.Deactivate
                when alarm.Kind is AlarmKind.NoSpace or AlarmKind.Corrupt:
                var isRaised = request.Action == AlarmRequest.Types.AlarmAction.Activate;
                var result = (OperationResult.AlarmSet)await etcd.SubmitAsync(new Command.SetAlarm(alarm, isRaised), call);
                if (isRaised || result.Changed)
                {
                    response.Alarms.Add(MemberOf(alarm));
                }

                break;
        }

        response.Header = etcd.Header(etcd.Node.View.Revision);
        return response;
    }

    public async ValueTask<StatusResponse> StatusAsync(StatusRequest request, EtcdCall call)
    {
        await etcd.CheckAsync(call, EtcdNeed.Identity);
        var status = etcd.Node.Status;
        var view = etcd.Node.View;
        var response = new StatusResponse
        {
            Header = etcd.Header(view.Revision),
            Version = ProductVersion.EtcdServer,
            DbSize = Math.Max(view.MemoryBytes, view.BytesInUse),

            // An empty store has nothing in use but its root, and etcd's clients expect a number.
            DbSizeInUse = Math.Max(view.BytesInUse, Math.Min(1, view.MemoryBytes)),
            Leader = (ulong)status.Raft.Leader.Value,
            RaftIndex = (ulong)status.Raft.Committed.Value,
            RaftAppliedIndex = (ulong)status.Raft.Applied.Value,
            RaftTerm = (ulong)status.Raft.Term.Value,
            IsLearner = !status.Raft.Membership.IsVoter(status.MemberId),
        };
        if (status.Raft.Leader.IsNone)
        {
            response.Errors.Add(EtcdFaults.NoLeader().Text);
        }

        response.Errors.AddRange(EtcdAlarms.Of(status).Select(EtcdAlarms.Describe));
        return response;
    }

    /// <summary>There is no file that could have holes: space is given back all the time.</summary>
    public async ValueTask<DefragmentResponse> DefragmentAsync(DefragmentRequest request, EtcdCall call)
    {
        await etcd.CheckAsync(call, EtcdNeed.Admin);
        return new DefragmentResponse();
    }

    public async ValueTask<HashResponse> HashAsync(HashRequest request, EtcdCall call)
    {
        var view = await etcd.ReadAsync(call, isSerializable: true, EtcdNeed.Admin);
        return new HashResponse { Header = etcd.Header(view.Revision), Hash = (uint)(view.Digest ^ (view.Digest >> 32)) };
    }

    /// <summary>Equal on all members that are asked for the same revision.</summary>
    public async ValueTask<HashKVResponse> HashKvAsync(HashKVRequest request, EtcdCall call)
    {
        var view = await etcd.ReadAsync(call, isSerializable: true, EtcdNeed.Admin);
        var revision = request.Revision <= 0 ? view.Revision : request.Revision;
        if (revision > view.Revision)
        {
            throw EtcdFaults.FutureRevision();
        }

        if (revision < view.CompactedRevision)
        {
            throw EtcdFaults.Compacted();
        }

        return new HashKVResponse
        {
            Header = etcd.Header(view.Revision),
            Hash = await PairHash.OfAsync(view, revision, call.Aborted),
            CompactRevision = view.CompactedRevision > 0 ? view.CompactedRevision : -1,
        };
    }

    public async ValueTask<MoveLeaderResponse> MoveLeaderAsync(MoveLeaderRequest request, EtcdCall call)
    {
        await etcd.CheckAsync(call, EtcdNeed.Admin);
        var status = etcd.Node.Status;
        var target = new NodeId((long)request.TargetID);
        if (status.Raft.Leader != status.MemberId)
        {
            throw new EtcdFault(GrpcCode.FailedPrecondition, "etcdserver: not leader");
        }

        if (!status.Raft.Membership.IsVoter(target))
        {
            throw new EtcdFault(GrpcCode.FailedPrecondition, "etcdserver: bad leader transferee");
        }

        return await probe.HandOverAsync(target, TransferTimeout, call.Aborted)
            ? new MoveLeaderResponse()
            : throw new EtcdFault(GrpcCode.Unknown, "etcdserver: request timed out, leader transfer took too long");
    }

    /// <summary>
    /// Data is never rewritten for an older version, so there is nothing to begin and nothing to cancel; what could be asked for is
    /// judged as etcd judges it.
    /// </summary>
    public async ValueTask<DowngradeResponse> DowngradeAsync(DowngradeRequest request, EtcdCall call)
    {
        var view = await etcd.ReadAsync(call, isSerializable: false, EtcdNeed.Admin);
        switch (request.Action)
        {
            case DowngradeRequest.Types.DowngradeAction.Validate:
                DowngradeTarget.Check(request.Version);
                return new DowngradeResponse { Header = etcd.Header(view.Revision), Version = ProductVersion.EtcdCluster };
            case DowngradeRequest.Types.DowngradeAction.Enable:
                DowngradeTarget.Check(request.Version);
                throw new EtcdFault(GrpcCode.FailedPrecondition, "etcdserver: not capable");
            case DowngradeRequest.Types.DowngradeAction.Cancel:
                throw new EtcdFault(GrpcCode.FailedPrecondition, "etcdserver: no inflight downgrade job");
            default:
                throw new EtcdFault(GrpcCode.Unknown, "etcdserver: unknown method");
        }
    }

    private static AlarmMember MemberOf(Alarm alarm) => new()
    {
        MemberID = (ulong)alarm.Member.Value,
        Alarm = (AlarmType)alarm.Kind,
    };
}
