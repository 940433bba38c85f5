using RestKv.Api.Etcd.Watches;
using RestKv.Api.Watch;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Core.Watch;
using RestKv.Raft;

namespace RestKv.Api.Etcd.Recipes;

/// <summary>
/// What locks and elections have in common, as etcd's own clients do it with ordinary keys: put a key below the name, with a
/// lease, and wait until no older one is left there.
/// </summary>
internal sealed class Contenders(EtcdNode etcd)
{
    /// <summary>For callers who bring no lease. Nobody renews it.</summary>
    private const long OwnLeaseSeconds = 60;

    /// <summary>How long one look at the line may wait for the next; it only bounds a timer.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromHours(1);

    public async ValueTask<LeaseId> LeaseAsync(long given, EtcdCall call) => given != 0
        ? new LeaseId(given)
        : ((OperationResult.LeaseGranted)await etcd.SubmitAsync(new Command.LeaseGrant(LeaseId.None, OwnLeaseSeconds), call)).Id;

    /// <summary>Gets in line; whoever is there already keeps the place.</summary>
    public async ValueTask<Contender> EnterAsync(ReadOnlyMemory<byte> name, LeaseId lease, ReadOnlyMemory<byte> value, EtcdCall call)
    {
        var key = Contender.KeyOf(name.Span, lease);
        var result = await TransactAsync(
            key,
            createRevision: 0,
            new Operation.Put(key, value) { Lease = lease },
            new Operation.Get(new RangeRequest(KeyRange.Single(key))),
            call);
        if (result.Succeeded)
        {
            return new Contender(key, lease, result.Revision, result.Revision, Existing: null);
        }

        var existing = ((OperationResult.Get)result.Results[0]).Result.Items[0];
        return new Contender(key, lease, existing.CreateRevision, result.Revision, existing.Value);
    }

    /// <summary>Writes the key of a contender if it is still the same; null if it is not.</summary>
    public async ValueTask<long?> ChangeAsync(Operation change, ReadOnlyMemory<byte> key, long createRevision, EtcdCall call)
    {
        var result = await TransactAsync(key, createRevision, change, otherwise: null, call);
        return result.Succeeded ? result.Revision : null;
    }

    /// <summary>Gets out of line; the revision after it.</summary>
    public async ValueTask<long> LeaveAsync(ReadOnlyMemory<byte> key, long createRevision, EtcdCall call) =>
        (await TransactAsync(key, createRevision, new Operation.Delete(KeyRange.Single(key)), otherwise: null, call)).Revision;

    /// <summary>
    /// Waits until the contender is first. A caller who gives up, for whatever reason, is out of line afterwards, and so is a
    /// newcomer whom nobody would tell of the success.
    /// </summary>
    public async ValueTask<LineOutcome> WaitAsync(ReadOnlyMemory<byte> name, Contender contender, EtcdCall call)
    {
        var isSettled = false;
        try
        {
            var outcome = await WaitInLineAsync(Contender.LineOf(name.Span), contender, call);
            if (contender.Existing is null)
            {
                call.Aborted.ThrowIfCancellationRequested();
            }

            isSettled = true;
            return outcome;
        }
        finally
        {
            if (!isSettled)
            {
                await GiveUpAsync(contender, call);
            }
        }
    }

    /// <summary>The holder: the oldest key of a line.</summary>
    public static KeyValue? First(ReadView view, in KeyRange line, long revision = 0)
    {
        var request = new RangeRequest(line)
        {
            Revision = revision,
            SortTarget = SortTarget.CreateRevision,
            SortOrder = SortOrder.Ascending,
            Limit = 1,
        };
        return view.Range(request).Items is [var first] ? first : null;
    }

    private async ValueTask<LineOutcome> WaitInLineAsync(KeyRange line, Contender contender, EtcdCall call)
    {
        for (var outcome = LineOutcome.FirstAtOnce; ; outcome = LineOutcome.FirstAfterWait)
        {
            // What this member has applied is enough: keys before this one can go but not come.
            var view = await etcd.ReadAsync(call, isSerializable: true, EtcdNeed.Read(line));
            if (!view.TryGet(contender.Key.Span, out var own) || own.CreateRevision != contender.CreateRevision)
            {
                return LineOutcome.Gone;
            }

            if (Before(view, line, contender) is not { } before)
            {
                return outcome;
            }

            // Only the one before: otherwise all would wake for each that goes. And its own key, which goes with its lease.
            var filter = new WatchFilter([WatchRange.Of(KeyRange.Single(contender.Key)), WatchRange.Of(KeyRange.Single(before.Key))]);
            var waited = await etcd.Node.Watches.WaitForAnyChangeAsync(filter, view.Revision, view, LookInterval, call.Aborted);
            if (waited is not (ChangeWaitOutcome.Changed or ChangeWaitOutcome.TimedOut))
            {
                throw WatchFaults.Of(waited);
            }
        }
    }

    private static KeyValue? Before(ReadView view, in KeyRange line, Contender contender)
    {
        var request = new RangeRequest(line)
        {
            MaxCreateRevision = contender.CreateRevision - 1,
            SortTarget = SortTarget.CreateRevision,
            SortOrder = SortOrder.Descending,
            Limit = 1,
            KeysOnly = true,
        };
        return view.Range(request).Items is [var before] ? before : null;
    }

    private async ValueTask GiveUpAsync(Contender contender, EtcdCall call)
    {
        try
        {
            await LeaveAsync(contender.Key, contender.CreateRevision, call.Outlived());
        }
        catch (EtcdFault)
        {
            // The key goes with its lease, then; the caller learns why it had to give up.
        }
    }

    private async ValueTask<OperationResult.Txn> TransactAsync(
        ReadOnlyMemory<byte> key, long createRevision, Operation change, Operation? otherwise, EtcdCall call)
    {
        var isSame = new Compare(KeyRange.Single(key), CompareTarget.CreateRevision, CompareOperator.Equal, createRevision, default);
        var txn = new Operation.Txn([isSame], [change], otherwise is null ? [] : [otherwise]);
        return (OperationResult.Txn)Invariant.NotNull(await etcd.SubmitAsync(new Command.Write(txn), call));
    }
}
