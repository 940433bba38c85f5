using System.Collections.Immutable;
using RestKv.Api.Etcd.Messages;
using RestKv.Api.Hosting;
using RestKv.Api.Security.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Api.Etcd.Calls;

/// <summary>Lease.LeaseKeepAlive.</summary>
internal sealed class KeepAliveCalls(EtcdNode etcd, Departure departure)
{
    /// <summary>Renewals of one client that travel together. The replica joins those of different clients.</summary>
    private const int RenewalsMax = 256;

    public async Task KeepAliveAsync(IEtcdRequests requests, IEtcdReplies replies, EtcdCall call)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted, departure.Leaving);
        try
        {
            await AnswerAsync(requests, replies, call, ends);
        }
        catch (OperationCanceledException) when (!call.Aborted.IsCancellationRequested && departure.Leaving.IsCancellationRequested)
        {
            throw EtcdFaults.Stopped();
        }
    }

    private async Task AnswerAsync(IEtcdRequests requests, IEtcdReplies replies, EtcdCall call, CancellationTokenSource ends)
    {
        var next = requests.NextAsync(ends.Token).AsTask();
        try
        {
            while (await next is LeaseKeepAliveRequest first)
            {
                // Whatever has arrived by now goes into one entry of the log.
                var ids = ImmutableArray.CreateBuilder<LeaseId>();
                ids.Add(new LeaseId(first.ID));
                next = requests.NextAsync(ends.Token).AsTask();
                while (ids.Count < RenewalsMax && next.IsCompletedSuccessfully && await next is LeaseKeepAliveRequest another)
                {
                    ids.Add(new LeaseId(another.ID));
                    next = requests.NextAsync(ends.Token).AsTask();
                }

                await RenewAsync(ids.ToImmutable(), replies, call, ends.Token);
            }
        }
        finally
        {
            await ends.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async ValueTask RenewAsync(
        ImmutableArray<LeaseId> ids, IEtcdReplies replies, EtcdCall call, CancellationToken cancellationToken)
    {
        var renewed = await RenewedAsync(new Command.LeaseRenew(ids), call);
        for (var i = 0; i < ids.Length; i++)
        {
            // A lease that is gone is no error but a lease without time.
            var answer = new LeaseKeepAliveResponse
            {
                Header = etcd.Header(renewed.Revision),
                ID = ids[i].Value,
                TTL = renewed.TtlSeconds[i],
            };
            await replies.SendAsync(answer, cancellationToken);
        }
    }

    /// <summary>
    /// etcd asks nobody's name here, and there are clients (Patroni's of Debian) that log in again whenever any other call is refused
    /// but give up their lock when this one is. So who showed a login that has ended keeps its leases, as far as its user
    /// may; and that a lease is gone is told to everybody.
    /// </summary>
    private async ValueTask<OperationResult.LeaseRenewed> RenewedAsync(Command.LeaseRenew renewal, EtcdCall call)
    {
        try
        {
            return await SubmitAsync(renewal, call, await etcd.Authority.IdentifyAsync(call));
        }
        catch (EtcdFault fault) when (fault.Code == GrpcCode.Unauthenticated)
        {
            if (etcd.Authority.FormerOf(call) is { } former)
            {
                return await SubmitAsync(renewal, call, former);
            }

            if (await AllGoneAsync(renewal.Ids, call) is { } gone)
            {
                return gone;
            }

            throw;
        }
    }

    private async ValueTask<OperationResult.LeaseRenewed?> AllGoneAsync(ImmutableArray<LeaseId> ids, EtcdCall call)
    {
        var view = await etcd.ViewAsync(call, isSerializable: false);
        var table = await etcd.QueryAsync(new TableQuery(Leases: ids), call);
        return table.Leases.Count == 0 ? new OperationResult.LeaseRenewed(view.Revision, new long[ids.Length]) : null;
    }

    private async ValueTask<OperationResult.LeaseRenewed> SubmitAsync(Command.LeaseRenew renewal, EtcdCall call, Principal principal)
    {
        try
        {
            return (OperationResult.LeaseRenewed)await etcd.SubmitAsync(renewal, call, principal);
        }
        catch (EtcdFault fault) when (fault.Code == GrpcCode.DeadlineExceeded && etcd.Node.Status.Raft.Leader.IsNone)
        {
            // Clients know this word for it: they try another member while the lease runs.
            throw EtcdFaults.NoLeader();
        }
    }
}
