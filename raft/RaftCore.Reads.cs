namespace RestKv.Raft;

/// <summary>
/// Linearizable reads without log entries (section 8 and 6.4 of the dissertation): the leader notes its commit index,
/// proves with a round of heartbeats that it still leads, and answers with the index. No clock is trusted.
/// </summary>
public sealed partial class RaftCore
{
    private readonly ReadRounds _rounds = new();

    /// <summary>Reads of this member that the leader has been asked about, oldest first, with the tick of asking.</summary>
    private readonly Queue<(ReadId Id, long Asked)> _remoteReads = new();

    private long _lastRead;

    private bool CanStartRound =>
        _rounds.HasWaiting && HasCommittedInTerm && _rounds.StartedCount < _config.ReadRoundsMax;

    /// <summary>Asks for a read barrier; the answer comes in <see cref="Ready.Reads"/> under the returned number.</summary>
    public ReadId RequestRead()
    {
        var id = new ReadId(++_lastRead);
        if (_role == RaftRole.Leader && _rounds.Count < _config.ReadsWaitingMax)
        {
            _rounds.Add(new ReadRequest(id, NodeId.None));
        }
        else if (_role != RaftRole.Leader && !_leader.IsNone && _remoteReads.Count < _config.ReadsWaitingMax)
        {
            _remoteReads.Enqueue((id, _now));
            Send(Make(MessageKind.ReadIndex, _leader) with { Round = id });
        }
        else
        {
            Answer(id, LogIndex.Zero, confirmed: false);
        }

        return id;
    }

    /// <summary>
    /// Starts a round with all reads that wait. It is confirmed by answers to heartbeats sent from now on, never by older
    /// ones; every heartbeat carries the newest round, so a lost one is made good by the next.
    /// </summary>
    private void StartRound()
    {
        _rounds.Start(_log.Committed);
        SendHeartbeats(learnersToo: false);
        ConfirmReads();
    }

    private void ConfirmReads()
    {
        if (_rounds.StartedCount == 0)
        {
            return;
        }

        Span<long> acked = stackalloc long[Membership.MembersMax];
        var count = 0;
        if (IsVoter)
        {
            acked[count++] = _rounds.Latest;
        }

        foreach (var peer in _peers)
        {
            if (peer.IsVoter)
            {
                acked[count++] = peer.RoundAcked;
            }
        }

        var confirmed = Defects.Has(Defect.ReadWithoutRound) ? _rounds.Latest : Quorum.Reached(acked[..count]);
        while (_rounds.TryTakeConfirmed(confirmed, out var request, out var index))
        {
            AnswerAsLeader(request, index, confirmed: true);
        }
    }

    private void RefuseLeaderReads()
    {
        while (_rounds.TryTakeAny(out var request))
        {
            AnswerAsLeader(request, LogIndex.Zero, confirmed: false);
        }
    }

    private void AnswerAsLeader(in ReadRequest request, LogIndex index, bool confirmed)
    {
        if (request.From.IsNone)
        {
            Answer(request.Id, index, confirmed);
            return;
        }

        Send(Make(MessageKind.ReadIndexReply, request.From) with
        {
            Round = request.Id,
            Index = index,
            Reject = !confirmed,
        });
    }

    private void Answer(ReadId id, LogIndex index, bool confirmed) => _readStates.Add(new ReadState(id, index, confirmed));

    private void HandleReadIndex(in Message message)
    {
        var request = new ReadRequest(message.Round, message.From);
        if (_role == RaftRole.Leader && _rounds.Count < _config.ReadsWaitingMax)
        {
            _rounds.Add(request);
        }
        else
        {
            AnswerAsLeader(request, LogIndex.Zero, confirmed: false);
        }
    }

    private void HandleReadIndexReply(in Message message)
    {
        // Answers come mostly in order, so the read is at the front. A whole turn of the queue leaves its order as it was;
        // an answer to nothing we wait for is dropped.
        if (_remoteReads.TryPeek(out var front) && front.Id == message.Round)
        {
            _remoteReads.Dequeue();
            Answer(front.Id, message.Index, !message.Reject);
            return;
        }

        for (var left = _remoteReads.Count; left > 0; left--)
        {
            var read = _remoteReads.Dequeue();
            if (read.Id == message.Round)
            {
                Answer(read.Id, message.Index, !message.Reject);
            }
            else
            {
                _remoteReads.Enqueue(read);
            }
        }
    }

    /// <summary>The leader is gone or is another: nobody will answer these.</summary>
    private void RefuseRemoteReads()
    {
        while (_remoteReads.TryDequeue(out var read))
        {
            Answer(read.Id, LogIndex.Zero, confirmed: false);
        }
    }

    /// <summary>A question or its answer was lost, or the leader cannot reach a majority: whoever waits may ask anew.</summary>
    private void ExpireRemoteReads()
    {
        while (_remoteReads.TryPeek(out var read) && _now - read.Asked >= _config.ElectionTicksMax)
        {
            _remoteReads.Dequeue();
            Answer(read.Id, LogIndex.Zero, confirmed: false);
        }
    }
}
