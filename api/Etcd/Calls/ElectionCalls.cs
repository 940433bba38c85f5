using Google.Protobuf;
using RestKv.Api.Etcd.Messages;
using RestKv.Api.Etcd.Recipes;
using RestKv.Core.Commands;

namespace RestKv.Api.Etcd.Calls;

/// <summary>
/// The service Election. It runs as a client inside of the server, and as in etcd refusals of its requests come without a code of
/// their own.
/// </summary>
internal sealed partial class ElectionCalls(EtcdNode etcd, Contenders contenders, TimeProvider time)
{
    public ValueTask<CampaignResponse> CampaignAsync(CampaignRequest request, EtcdCall call) =>
        UncodedAsync(RunAsync(request, call));

    public ValueTask<ProclaimResponse> ProclaimAsync(ProclaimRequest request, EtcdCall call) =>
        UncodedAsync(WriteAsync(request, call));

    public ValueTask<LeaderResponse> LeaderAsync(LeaderRequest request, EtcdCall call) =>
        UncodedAsync(FindAsync(request, call));

    public ValueTask<ResignResponse> ResignAsync(ResignRequest request, EtcdCall call) =>
        UncodedAsync(LeaveAsync(request, call));

    private async ValueTask<CampaignResponse> RunAsync(CampaignRequest request, EtcdCall call)
    {
        var lease = await contenders.LeaseAsync(request.Lease, call);
        var contender = await contenders.EnterAsync(request.Name.Memory, lease, request.Value.Memory, call);
        if (contender.Existing is { } existing && !existing.Span.SequenceEqual(request.Value.Span))
        {
            var change = new Operation.Put(contender.Key, request.Value.Memory) { Lease = lease };
            _ = await contenders.ChangeAsync(change, contender.Key, contender.CreateRevision, call) ?? throw NotLeader();
        }

        if (await contenders.WaitAsync(request.Name.Memory, contender, call) == LineOutcome.Gone)
        {
            throw Unknown("election: session is expired");
        }

        return new CampaignResponse
        {
            Header = etcd.Header(contender.Revision),
            Leader = new LeaderKey
            {
                Name = request.Name,
                Key = UnsafeByteOperations.UnsafeWrap(contender.Key),
                Rev = contender.CreateRevision,
                Lease = lease.Value,
            },
        };
    }

    private async ValueTask<ProclaimResponse> WriteAsync(ProclaimRequest request, EtcdCall call)
    {
        var leader = CheckLeader(request.Leader);
        var lease = await contenders.LeaseAsync(leader.Lease, call);
        var change = new Operation.Put(leader.Key.Memory, request.Value.Memory) { Lease = lease };
        var revision = await contenders.ChangeAsync(change, leader.Key.Memory, leader.Rev, call) ?? throw NotLeader();
        return new ProclaimResponse { Header = etcd.Header(revision) };
    }

    private async ValueTask<LeaderResponse> FindAsync(LeaderRequest request, EtcdCall call)
    {
        var line = Contender.LineOf(request.Name.Span);
        var view = await etcd.ReadAsync(call, isSerializable: false, EtcdNeed.Read(line));
        return Contenders.First(view, line) is { } leader
            ? Announce(view.Revision, leader)
            : throw Unknown("election: no leader");
    }

    private async ValueTask<ResignResponse> LeaveAsync(ResignRequest request, EtcdCall call)
    {
        var leader = CheckLeader(request.Leader);
        return new ResignResponse { Header = etcd.Header(await contenders.LeaveAsync(leader.Key.Memory, leader.Rev, call)) };
    }

    private LeaderResponse Announce(long revision, in Core.Model.KeyValue leader) =>
        new() { Header = etcd.Header(revision), Kv = KvResponses.Pair(leader) };

    private static LeaderKey CheckLeader(LeaderKey? leader)
    {
        if (leader is null)
        {
            throw Unknown("\"leader\" field must be provided");
        }

        return leader.Key.IsEmpty ? throw EtcdFaults.KeyEmpty() : leader;
    }

    private static EtcdFault NotLeader() => Unknown("election: not leader");

    private static EtcdFault Unknown(string text) => new(GrpcCode.Unknown, text);

    /// <summary>Whether the member can answer at all keeps its code: clients decide by it whether to ask another one.</summary>
    private static async ValueTask<T> UncodedAsync<T>(ValueTask<T> call)
    {
        try
        {
            return await call;
        }
        catch (EtcdFault fault) when (fault.Code is GrpcCode.InvalidArgument or GrpcCode.NotFound or GrpcCode.FailedPrecondition
            or GrpcCode.OutOfRange)
        {
            throw Unknown(fault.Text);
        }
    }
}
