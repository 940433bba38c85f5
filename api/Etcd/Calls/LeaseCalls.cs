using Google.Protobuf;
using RestKv.Api.Etcd.Messages;
using RestKv.Api.Hosting;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Api.Etcd.Calls;

/// <summary>The service Lease, but for its stream.</summary>
internal sealed class LeaseCalls(EtcdNode etcd)
{
    /// <summary>One and a half of etcd's election timeouts, in whole seconds: shorter leases are made that long.</summary>
    private const long SecondsMin = 2;

    private const long SecondsMax = 9_000_000_000;

    public async ValueTask<LeaseGrantResponse> GrantAsync(LeaseGrantRequest request, EtcdCall call)
    {
        if (request.TTL > SecondsMax)
        {
            throw EtcdFaults.LeaseTooLong();
        }

        var grant = new Command.LeaseGrant(new LeaseId(request.ID), Math.Max(SecondsMin, request.TTL));
        var result = (OperationResult.LeaseGranted)await etcd.SubmitAsync(grant, call);
        return new LeaseGrantResponse { Header = etcd.Header(result.Revision), ID = result.Id.Value, TTL = result.TtlSeconds };
    }

    public async ValueTask<LeaseRevokeResponse> RevokeAsync(LeaseRevokeRequest request, EtcdCall call)
    {
        var result = await etcd.SubmitAsync(new Command.LeaseRevoke(new LeaseId(request.ID)), call);
        return new LeaseRevokeResponse { Header = etcd.Header(result.Revision) };
    }

    public async ValueTask<LeaseTimeToLiveResponse> TimeToLiveAsync(LeaseTimeToLiveRequest request, EtcdCall call)
    {
        var view = await etcd.ReadAsync(call, isSerializable: false, EtcdNeed.Identity);
        var table = await etcd.QueryAsync(new TableQuery(Leases: [new LeaseId(request.ID)], WithKeys: request.Keys), call);
        var response = new LeaseTimeToLiveResponse { Header = etcd.Header(view.Revision), ID = request.ID, TTL = -1 };
        await CheckKeysAsync(table, call);
        if (table.Leases is [var lease])
        {
            response.TTL = lease.RemainingMs / 1000;
            response.GrantedTTL = lease.GrantedTtlSeconds;
            response.Keys.AddRange(lease.Keys.Select(UnsafeByteOperations.UnsafeWrap));
        }

        return response;
    }

    /// <summary>Leases have no owner: they are shown to who may read all keys that hang on them.</summary>
    private async ValueTask CheckKeysAsync(TableReply table, EtcdCall call)
    {
        foreach (var lease in table.Leases)
        {
            foreach (var key in lease.Keys)
            {
                await etcd.CheckAsync(call, EtcdNeed.Read(KeyRange.Single(key)));
            }
        }
    }

    /// <summary>This member's list as it is, those that run out first before the others.</summary>
    public async ValueTask<LeaseLeasesResponse> LeasesAsync(LeaseLeasesRequest request, EtcdCall call)
    {
        var view = await etcd.ReadAsync(call, isSerializable: true, EtcdNeed.Identity);
        var question = new TableQuery(AllLeasesAfter: LeaseId.None, Limit: int.MaxValue, WithKeys: etcd.Authority.Source.Auth.IsEnabled);
        var table = await etcd.QueryAsync(question, call);
        await CheckKeysAsync(table, call);
        var response = new LeaseLeasesResponse { Header = etcd.Header(view.Revision) };
        response.Leases.AddRange(table.Leases
            .OrderBy(lease => lease.RemainingMs)
            .Select(lease => new LeaseStatus { ID = lease.Id.Value }));
        return response;
    }
}
