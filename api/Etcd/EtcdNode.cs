using RestKv.Api.Etcd.Messages;
using RestKv.Api.Hosting;
using RestKv.Api.Security.Auth;
using RestKv.Api.Telemetry;
using RestKv.Core.Commands;
using RestKv.Core.Mvcc;

namespace RestKv.Api.Etcd;

/// <summary>The node as etcd's calls see it: the same one as the native API's, with refusals as etcd's errors.</summary>
internal sealed class EtcdNode(INode node, EtcdAuthority authority, NodeMetrics metrics, TimeProvider time)
{
    /// <summary>How long etcd's server waits for a proposal or a confirmed read: five seconds and two of its election timeouts.</summary>
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(7);

    /// <summary>Between two looks for a leader.</summary>
    private static readonly TimeSpan LeaderPause = TimeSpan.FromMilliseconds(100);

    public INode Node { get; } = node;

    public EtcdAuthority Authority { get; } = authority;

    /// <param name="revision">0 leaves it out, as answers about members do.</param>
    public ResponseHeader Header(long revision)
    {
        var status = Node.Status;
        return new ResponseHeader
        {
            ClusterId = status.ClusterId,
            MemberId = (ulong)status.MemberId.Value,
            Revision = revision,
            RaftTerm = (ulong)status.Raft.Term.Value,
        };
    }

    /// <summary>A caller that asked for a leader is refused while this member knows none.</summary>
    public void CheckLeader(EtcdCall call)
    {
        if (call.RequiresLeader && Node.Status.Raft.Leader.IsNone)
        {
            throw EtcdFaults.NoLeader();
        }
    }

    /// <summary>
    /// The view to answer a read from, confirmed by a majority or this member's own as it is, for a caller who has what is needed:
    /// that is asked when the view is at hand, of rights that are no older.
    /// </summary>
    public async ValueTask<ReadView> ReadAsync(EtcdCall call, bool isSerializable, EtcdNeed need)
    {
        var view = await ViewAsync(call, isSerializable);
        await CheckAsync(call, need);
        return view;
    }

    /// <summary>The same for whoever it is: who calls this shows no keys.</summary>
    public async ValueTask<ReadView> ViewAsync(EtcdCall call, bool isSerializable)
    {
        var view = Node.View;
        if (!isSerializable)
        {
            CheckDeadline(call);
            var end = EndOf(call);
            BarrierReply reply;
            do
            {
                reply = await Node.ReadBarrierAsync(end - time.GetUtcNow(), call.Aborted);
            }
            while (reply.Outcome == BarrierOutcome.NoLeader && await HasTimeAsync(end, call));

            view = reply.Outcome == BarrierOutcome.Ok ? Raft.Invariant.NotNull(reply.View) : throw FaultOf(reply.Outcome, call);
        }
        else if (Node.HasDiverged)
        {
            throw EtcdFaults.Corrupt();
        }

        return view;
    }

    /// <summary>For calls that read no keys. Gives the caller.</summary>
    public async ValueTask<Principal> CheckAsync(EtcdCall call, EtcdNeed need)
    {
        var principal = await Authority.IdentifyAsync(call);
        need.Check(Authority, principal);
        return principal;
    }

    /// <summary>Why a read was not confirmed.</summary>
    public EtcdFault FaultOf(BarrierOutcome outcome, EtcdCall call) => outcome switch
    {
        BarrierOutcome.Diverged => EtcdFaults.Corrupt(),
        BarrierOutcome.ShuttingDown => EtcdFaults.Stopped(),
        BarrierOutcome.Overloaded => EtcdFaults.TooManyRequests(),
        _ => IsOver(call) ? EtcdFaults.Deadline() : EtcdFaults.RequestTimedOut(),
    };

    /// <summary>Why a command was not applied, or may not have been.</summary>
    public EtcdFault FaultOf(OperationResult result, EtcdCall call) => result switch
    {
        OperationResult.Rejected rejected => EtcdRefusals.Of(rejected.Rejection),
        OperationResult.NotApplied notApplied => EtcdRefusals.Of(notApplied.Reason),
        _ => IsOver(call) ? EtcdFaults.Deadline() : EtcdFaults.RequestTimedOut(),
    };

    /// <summary>Proposes a command for the caller and waits until it is applied here; every refusal is thrown.</summary>
    public async ValueTask<OperationResult> SubmitAsync(Command command, EtcdCall call) =>
        await SubmitAsync(command, call, await Authority.IdentifyAsync(call));

    /// <summary>The same, in the name of somebody who was recognised before.</summary>
    public async ValueTask<OperationResult> SubmitAsync(Command command, EtcdCall call, Principal principal)
    {
        var options = new SubmitOptions(principal.Name, TimeoutOf(call)) { Credential = principal.Credential };
        CheckDeadline(call);

        var end = EndOf(call);
        SubmitReply reply;
        do
        {
            // Not tied to the connection: a client that hangs up has not taken its write back.
            reply = await Node.SubmitAsync(command, options with { Timeout = end - time.GetUtcNow() }, CancellationToken.None);
        }
        while (reply.Result is OperationResult.NotApplied { Reason: NotAppliedReason.NoLeader } && await HasTimeAsync(end, call));

        metrics.WriteAnswered(reply);
        return reply.Result is OperationResult.Rejected or OperationResult.NotApplied or OperationResult.Unknown
            ? throw FaultOf(reply.Result, call)
            : reply.Result;
    }

    /// <summary>Asks the tables that live with the replica.</summary>
    public async ValueTask<TableReply> QueryAsync(TableQuery query, EtcdCall call)
    {
        try
        {
            return await Node.QueryAsync(query, call.Aborted);
        }
        catch (OperationCanceledException) when (!call.Aborted.IsCancellationRequested)
        {
            throw EtcdFaults.Stopped();
        }
    }

    /// <summary>Of calls that the table has and nobody answers yet.</summary>
    public async ValueTask<T> UnimplementedAsync<T>(string method, EtcdCall call)
    {
        await Authority.IdentifyAsync(call);
        throw EtcdFaults.Unimplemented(method);
    }

    private void CheckDeadline(EtcdCall call)
    {
        if (IsOver(call))
        {
            throw EtcdFaults.Deadline();
        }
    }

    public TimeSpan TimeoutOf(EtcdCall call)
    {
        if (call.Deadline is not { } deadline)
        {
            return RequestTimeout;
        }

        var left = deadline - time.GetUtcNow();
        return left < RequestTimeout ? left : RequestTimeout;
    }

    private DateTimeOffset EndOf(EtcdCall call) => time.GetUtcNow() + TimeoutOf(call);

    /// <summary>
    /// Without a leader a call waits for one until its time is over. The native API refuses at once, but clients of etcd go to another
    /// member when one is silent, and stay with one that answers.
    /// </summary>
    private async ValueTask<bool> HasTimeAsync(DateTimeOffset end, EtcdCall call)
    {
        var left = end - time.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left < LeaderPause ? left : LeaderPause, time, call.Aborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return time.GetUtcNow() < end && !call.Aborted.IsCancellationRequested;
    }

    private bool IsOver(EtcdCall call) => call.Deadline <= time.GetUtcNow();
}
