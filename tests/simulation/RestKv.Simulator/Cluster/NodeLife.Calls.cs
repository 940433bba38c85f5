using System.Text;
using RestKv.Checkers.History;
using RestKv.Core;
using RestKv.Core.Commands;
using RestKv.Core.Leases;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Simulator.Clients;

namespace RestKv.Simulator.Cluster;

/// <summary>What endpoints do between a request and the replica.</summary>
internal sealed partial class NodeLife
{
    private readonly List<Call> _calls = [];
    private readonly ByteWriter _writer = new();
    private long _sequence;

    /// <summary>A message of another member.</summary>
    public void Receive(in Message message) => Post(ReplicaEvent.FromPeer(message));

    public void LosePeer(NodeId peer) => Post(ReplicaEvent.PeerLost(peer));

    public void HandOver(NodeId to) => Post(ReplicaEvent.TransferLeadership(to));

    /// <summary>A request has arrived. Its answer, or the news that none will come, goes back through the call.</summary>
    public void Receive(Call call)
    {
        if (Current is not { } current)
        {
            call.Answer(null, HistoryOutcome.Fail);
            return;
        }

        switch (call.Operation)
        {
            case HistoryRequest.Submit submit:
                _simulation.Sometimes.HitIf(IsLearner(current), "write through a learner");
                Submit(call, submit);
                break;
            case HistoryRequest.Read { Local: true } or HistoryRequest.KeyHistory { Local: true }:
                _simulation.Sometimes.HitIf(IsLearner(current), "local read on a learner");
                Look(call, current.View);
                break;
            default:
                ReadAfterBarrier(call, current);
                break;
        }
    }

    public void Complete(in Completion completion)
    {
        var call = (Call)completion.Token;
        _calls.Remove(call);
        if (completion.ReadRefused)
        {
            _simulation.Sometimes.Hit("read refused without leader");
            call.Answer(null, HistoryOutcome.Fail);
        }
        else if (completion.Result is { } result)
        {
            Settle(call, result, completion.Replayed);
        }
        else
        {
            _simulation.Sometimes.Hit("read by quorum round");
            Look(call, Invariant.NotNull(Current).View);
        }
    }

    private void Submit(Call call, HistoryRequest.Submit submit)
    {
        _calls.Add(call);
        call.IsForwarded = Status.Role != RaftRole.Leader;
        if (submit.Command is Command.LeaseRenew renew && submit.IdempotencyKey is null)
        {
            Post(ReplicaEvent.Renew(call, new RenewalPart(submit.Author, submit.Credential, renew.Ids)));
            return;
        }

        var key = submit.IdempotencyKey is { } text ? Encoding.UTF8.GetBytes(text) : [];
        var incarnation = _store.Identity.Incarnation;
        _sequence = _sequence == 0 ? _simulation.Committed.FirstSequence() : _sequence + 1;
        var sequence = _sequence;
        var payload = Envelope.Encode(
            _writer, _node.Id.Value, incarnation, sequence, submit.Author, key, call.RequestHash, submit.Command,
            submit.Credential);
        _simulation.Committed.Announce(_node.Id.Value, incarnation, sequence, call.OperationId);

        Post(ReplicaEvent.Submit(call, payload, SpaceNeed.Grows(submit.Command)));
    }

    private void Settle(Call call, OperationResult result, bool replayed)
    {
        switch (result)
        {
            case OperationResult.NotApplied refused:
                NoteRefusal(refused.Reason);
                _simulation.Sometimes.HitIf(
                    refused.Reason == NotAppliedReason.ProposalDropped,
                    call.IsForwarded ? "forward dropped by higher term" : "proposal dropped");
                call.Answer(null, HistoryOutcome.Fail);
                break;
            case OperationResult.Unknown:
                _simulation.Sometimes.Hit("forward of unknown outcome");
                call.Answer(null, HistoryOutcome.Unknown);
                break;
            default:
                _simulation.Sometimes.HitIf(call.IsForwarded, "forward applied");
                call.Answer(new HistoryReply.Result(result, replayed), HistoryOutcome.Ok);
                break;
        }
    }

    private void NoteRefusal(NotAppliedReason reason)
    {
        var sometimes = _simulation.Sometimes;
        sometimes.HitIf(reason == NotAppliedReason.NoSpace, "write refused for space");
        sometimes.HitIf(reason == NotAppliedReason.NoLeader, "write refused without leader");
        sometimes.HitIf(reason == NotAppliedReason.QuorumAtRisk, "removal refused for the quorum's sake");
        sometimes.HitIf(reason == NotAppliedReason.LearnerNotReady, "promotion refused to a learner behind");
    }

    private static bool IsLearner(Publication current) => current.Raft.Role == RaftRole.Learner;

    private void ReadAfterBarrier(Call call, Publication current)
    {
        if (current.IsSoleLeader)
        {
            _simulation.Sometimes.Hit("read by a leader without others");
            Look(call, current.View);
            return;
        }

        _simulation.Sometimes.HitIf(IsLearner(current), "linearizable read on a learner");
        _simulation.Sometimes.HitIf(current.Raft.Role == RaftRole.Follower, "linearizable read on a follower");
        _calls.Add(call);
        Post(ReplicaEvent.Read(call));
    }

    private void Look(Call call, ReadView view)
    {
        switch (call.Operation)
        {
            case HistoryRequest.Read read:
                call.Answer(new HistoryReply.Result(Read(view, read.Range)), HistoryOutcome.Ok);
                break;
            case HistoryRequest.KeyHistory history:
                call.Answer(KeyHistory(view, history), HistoryOutcome.Ok);
                break;
            case HistoryRequest.Lease lease:
                _calls.Add(call);
                Post(ReplicaEvent.Query((machine, now) =>
                {
                    _calls.Remove(call);
                    call.Answer(Describe(machine, now, lease.Id), HistoryOutcome.Ok);
                }));
                break;
        }
    }

    private static OperationResult Read(ReadView view, RangeRequest request)
    {
        if (request.Revision > view.Revision)
        {
            return new OperationResult.Rejected(view.Revision, new Rejection(RejectionCode.RevisionInFuture, view.Revision));
        }

        return request.Revision != 0 && request.Revision < view.CompactedRevision
            ? new OperationResult.Rejected(view.Revision, new Rejection(RejectionCode.RevisionCompacted, view.CompactedRevision))
            : new OperationResult.Get(view.Revision, view.Range(request));
    }

    private static HistoryReply.Versions KeyHistory(ReadView view, HistoryRequest.KeyHistory request)
    {
        List<Change> items = [];
        var cursor = view.History(request.Key.Span, view.Revision);
        while (cursor.MoveNext())
        {
            items.Add(cursor.Current);
        }

        return new HistoryReply.Versions(view.Revision, view.CompactedRevision, items);
    }

    private HistoryReply.Lease Describe(KvStateMachine machine, Moment now, LeaseId id)
    {
        if (!machine.Leases.TryGet(id, out var facts))
        {
            return new HistoryReply.Lease(machine.Store.Revision, null);
        }

        List<ReadOnlyMemory<byte>> keys = [];
        machine.Leases.CollectKeys(id, keys);
        var remaining = Math.Max(0, facts.DeadlineMs - _replica.ClusterTimeMs(now));
        return new HistoryReply.Lease(machine.Store.Revision, new LeaseInfo(id, facts.TtlSeconds, remaining, keys));
    }
}
