using RestKv.Api.Errors;
using RestKv.Api.Hosting;
using RestKv.Api.Security.Auth;
using RestKv.Core.Leases;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Api.Http;

/// <summary>A view that a read may be answered from, or why there is none.</summary>
internal readonly record struct ReadReply(ReadView? View, Problem? Problem);

/// <summary>Finds the view a read may be answered from.</summary>
internal static class ReadGate
{
    /// <summary>As below, for a caller who may read every key of the range.</summary>
    public static async ValueTask<ReadReply> ReadAsync(HttpContext context, ApiServices services, ReadOptions options, KeyRange range)
    {
        var reply = await ReadAsync(services.Node, options);
        if (!services.Auth.Auth.IsEnabled)
        {
            return reply;
        }

        // Also in place of another refusal: who may not read must not learn how far history goes back.
        return AccessGate.CheckRead(context, services, range) is { } problem ? new ReadReply(null, problem) : reply;
    }

    /// <summary>Waits as the options ask and checks that the asked revision can be read in the view.</summary>
    public static ValueTask<ReadReply> ReadAsync(INode node, ReadOptions options)
    {
        if (options is { IsLocal: true, MinRevision: 0, Revision: 0 })
        {
            if (node.HasDiverged)
            {
                return new ValueTask<ReadReply>(new ReadReply(null, ResultMapping.Diverged()));
            }

            return new ValueTask<ReadReply>(new ReadReply(node.View, null));
        }

        if (options is { IsLocal: false, MinRevision: 0, Revision: 0 })
        {
            return AwaitAsync(node.ReadBarrierAsync(options.Timeout, CancellationToken.None));
        }

        return ReadSlowlyAsync(node, options);
    }

    /// <summary>Seconds left of a lease, rounded up, or -1 when it is gone.</summary>
    public static async ValueTask<long> TtlSecondsAsync(INode node, LeaseId lease)
    {
        var reply = await node.QueryAsync(new TableQuery(Leases: [lease]), CancellationToken.None);
        return reply.Leases.Count == 0 ? -1 : SecondsLeft(reply.Leases[0]);
    }

    public static long SecondsLeft(LeaseInfo lease) => (lease.RemainingMs + 999) / 1000;

    private static async ValueTask<ReadReply> AwaitAsync(ValueTask<BarrierReply> barrier) => Of(await barrier);

    private static ReadReply Of(BarrierReply barrier) => new(barrier.View, ResultMapping.ToProblem(barrier.Outcome));

    private static async ValueTask<ReadReply> ReadSlowlyAsync(INode node, ReadOptions options)
    {
        var view = node.View;

        // "In the future" is judged against the cluster: a member that lags must not call an existing revision unreal.
        if (!options.IsLocal || options.Revision > view.Revision || node.HasDiverged)
        {
            var barrier = Of(await node.ReadBarrierAsync(options.Timeout, CancellationToken.None));
            if (barrier.View is null)
            {
                return barrier;
            }

            view = barrier.View;
        }

        if (options.MinRevision > view.Revision)
        {
            if (!await node.WaitForRevisionAsync(options.MinRevision, options.Timeout, CancellationToken.None))
            {
                return new ReadReply(null, new Problem(ProblemCatalog.TimedOut, "minRev was not reached in time")
                {
                    Revision = node.View.Revision,
                });
            }

            view = node.View;
        }

        var problem = options.Revision > 0 ? ResultMapping.CheckReadable(view, options.Revision) : null;
        return problem is null ? new ReadReply(view, null) : new ReadReply(null, problem);
    }
}
