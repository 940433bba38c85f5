using RestKv.Core;
using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Simulator.Engine;
using RestKv.Storage;
using RestKv.Storage.Snapshots;

namespace RestKv.Simulator.Cluster;

/// <summary>Snapshots between members: what the sending and the receiving tasks of the transport do.</summary>
internal sealed partial class NodeLife
{
    private SnapshotReceiver? _receiver;
    private (LogIndex Index, Term Term) _receiving;
    private (LogIndex Index, Term Term) _received;
    private bool _isLoading;
    private LogIndex _restartedAfter;

    public void SendSnapshot(NodeId peer, LogIndex atLeast)
    {
        _simulation.Sometimes.Hit("log window trimmed past a follower");
        _simulation.Sometimes.HitIf(Membership.IsLearner(peer), "snapshot sent to a learner");
        _simulation.Trace.Add(_node.Id.Value, "sends a snapshot", peer.Value, atLeast.Value);
        Later(DiskDelay(), () =>
        {
            if (_store.OpenSnapshotBytes(atLeast) is not { } source)
            {
                throw new Checks.SimulationFailure("snapshot", $"member {_node.Id} is to send a snapshot from {atLeast} on and has none");
            }

            var transfer = new SnapshotTransfer(
                _simulation, this, _node.Id, peer, source, _random.Fork(),
                delivered =>
                {
                    _simulation.Sometimes.Hit(delivered ? "snapshot delivered" : "snapshot given up");
                    Post(ReplicaEvent.SnapshotSent(peer, delivered));
                });
            transfer.Begin();
        });
    }

    /// <summary>A piece of a snapshot file; none at all is the question how far this member is.</summary>
    public void TakePiece(
        (LogIndex Index, Term Term) snapshot, long length, long offset, byte[] piece, Action<long, bool> answer)
    {
        if (_received == snapshot)
        {
            answer(length, true);
            return;
        }

        if (_isLoading)
        {
            return;
        }

        if (_receiver is null || _receiving != snapshot)
        {
            _receiver?.Dispose();
            _receiver = _store.ReceiveSnapshot();
            _receiving = snapshot;
        }

        if (!TryTake(_receiver, offset, piece))
        {
            return;
        }

        answer(_receiver.Offset, false);
        if (_receiver.Offset == length)
        {
            _isLoading = true;
            Later(DiskDelay(), Receive);
        }
    }

    /// <summary>False when there is no room for it: the transfer fails, the process goes on.</summary>
    private bool TryTake(SnapshotReceiver receiver, long offset, byte[] piece)
    {
        try
        {
            if (offset == receiver.Offset && piece.Length > 0)
            {
                receiver.Write(piece);
            }

            return true;
        }
        catch (StorageIoException fault) when (fault.IsNoSpace)
        {
            DropReceiver();
            return false;
        }
    }

    private void Receive()
    {
        var receiver = Invariant.NotNull(_receiver);
        SnapshotMark mark;
        try
        {
            mark = receiver.Complete();
        }
        catch (StorageIoException fault) when (fault.IsNoSpace)
        {
            DropReceiver();
            return;
        }

        receiver.Dispose();
        _receiver = null;
        Later(DiskDelay() + (_random.Between(1, 20) * Time.Millisecond), () => Load(mark));
    }

    private void DropReceiver()
    {
        _simulation.Sometimes.Hit("no room for a received snapshot");
        _receiver?.Dispose();
        _receiver = null;
        _isLoading = false;
    }

    private void Load(SnapshotMark mark)
    {
        _isLoading = false;
        using var reader = _store.OpenSnapshot(mark.Index, mark.Term);
        if (reader is null)
        {
            // Two newer ones of its own have taken its place.
            _simulation.Sometimes.Hit("received snapshot came too late");
            return;
        }

        _simulation.Sometimes.HitIf(_replica.Status.Committed >= mark.Index, "received snapshot came too late");
        _arriving = SnapshotCodec.Read(reader, new MachineOptions { Mvcc = _simulation.Options.StoreOptions });
        _received = (mark.Index, mark.Term);
        _simulation.Trace.Add(_node.Id.Value, "snapshot arrived", mark.Index.Value, mark.Term.Value);
        Post(ReplicaEvent.SnapshotArrived(mark, _arriving));
    }

    /// <summary>A received snapshot has become the state: what it covers must have been committed, and be the model's.</summary>
    private void NoteReset()
    {
        var index = _restartedAfter.Value;
        _simulation.Sometimes.Hit("snapshot installed");
        _simulation.Sometimes.HitIf(_node.FirstMembership.Voters.IsEmpty && _appliedSeen == 0, "newcomer begins with a snapshot");
        _simulation.Sometimes.HitIf(_calls.Count > 0, "snapshot installed with requests in hand");
        _simulation.Sometimes.HitIf(_sessions.Count > 0, "snapshot installed while a watch is open");
        _simulation.Trace.Add(_node.Id.Value, "snapshot installed", index, _appliedSeen);
        if (index <= _appliedSeen || index > _simulation.Committed.LastIndex)
        {
            throw new Checks.SimulationFailure(
                "I5", $"member {_node.Id} at {_appliedSeen} installed a snapshot of {index}, committed is {_simulation.Committed.LastIndex}");
        }

        _appliedSeen = index;
        _machine = Invariant.NotNull(_arriving);
    }
}
