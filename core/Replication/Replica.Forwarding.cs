using RestKv.Core.Commands;
using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>
/// Requests between members: a follower hands them to the leader, one hop, once, and answers its client when it has applied
/// the entry itself. DESIGN.md, "Forwarding", says why nobody is told anything wrong.
/// </summary>
public sealed partial class Replica
{
    private readonly ForwardGate _gate = new();

    /// <summary>Of <see cref="Defect.SendForwardAgain"/> alone.</summary>
    private readonly List<(ReadId Round, byte[] Payload)> _sentBefore = [];

    private void FromPeer(in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.Forward:
                TakeForward(message);
                break;
            case MessageKind.ForwardReply when message is { Reject: true } && message.To == _raft.Self:
                if (_forwards.Refused(message.From, message.Round) is { } token)
                {
                    Refuse(token, ReasonOf(message.HintIndex.Value));
                }

                break;
            case MessageKind.ForwardReply:
                break;
            default:
                _raft.Step(message);
                break;
        }
    }

    private void Forward(object token, byte[] payload)
    {
        var leader = _raft.Leader;
        if (leader.IsNone || leader == _raft.Self)
        {
            Refuse(token, NotAppliedReason.NoLeader);
            return;
        }

        Invariant.Check(RequestId.TryRead(payload, out var id));
        Invariant.Check(id.Origin == _raft.Self.Value && id.Incarnation == _config.Incarnation);
        var round = _forwards.Add(id.Sequence, leader, _raft.Term, _now.MonotonicMs, token);
        SendForward(leader, round, payload);
        if (Defects.Has(Defect.SendForwardAgain))
        {
            _sentBefore.Add((round, payload));
        }
    }

    private void SendForward(NodeId leader, ReadId round, byte[] payload) => _effects.Send(new Message
    {
        Kind = MessageKind.Forward,
        From = _raft.Self,
        To = leader,
        Term = _raft.Term,
        Round = round,
        Entries = [new Entry(new LogIndex(1), _raft.Term, EntryKind.Command, payload)],
    });

    /// <summary>
    /// Another member's request. It is answered only by a member that leads, or led in this life, in the very term it is
    /// meant for: any other cannot know whether a copy of it was taken. The asker will hear of the higher term by itself.
    /// </summary>
    private void TakeForward(in Message message)
    {
        if (message.To != _raft.Self || message.Entries is not [{ Kind: EntryKind.Command } command]
            || !RequestId.TryRead(command.Payload.Span, out var id) || id.Origin != message.From.Value)
        {
            return;
        }

        var isLeading = _raft.Role == RaftRole.Leader && _raft.Term == message.Term;
        if (isLeading)
        {
            BeginGate(message.Term);
        }

        if (message.Term != _gate.Term || !_gate.IsFirst(message.From, id.Incarnation, message.Round))
        {
            return;
        }

        if (!isLeading || !IsKept(message, command.Payload))
        {
            ProposeForwarded(message, command.Payload);
        }
    }

    /// <summary>The gate has let it in: it is proposed now or refused for good.</summary>
    private void ProposeForwarded(in Message message, ReadOnlyMemory<byte> payload)
    {
        if (_raft.Role != RaftRole.Leader || _raft.Term != message.Term)
        {
            RefuseForward(message, NotAppliedReason.NoLeader);
        }
        else if (RefusalOf(payload) is var reason and not NotAppliedReason.None)
        {
            RefuseForward(message, reason);
        }
        else if (IsFull && Grows(payload))
        {
            RefuseForward(message, NotAppliedReason.NoSpace);
        }
        else if (Append(payload.ToArray()).Verdict != ProposeVerdict.Accepted)
        {
            RefuseForward(message, NotAppliedReason.Overloaded);
        }
    }

    /// <summary>
    /// From the first moment of a leadership, not from its first request: whoever is asked for the first time when it is over
    /// can refuse then, instead of leaving the asker in doubt.
    /// </summary>
    private void BeginGate(Term term)
    {
        if (_gate.Term != term)
        {
            _gate.Begin(term);
        }
    }

    private void RefuseForward(in Message message, NotAppliedReason reason) => _effects.Send(new Message
    {
        Kind = MessageKind.ForwardReply,
        From = _raft.Self,
        To = message.From,
        Term = _raft.Term,
        Round = message.Round,
        Reject = true,
        HintIndex = new LogIndex((long)reason),
    });

    /// <summary>
    /// Who waits for this entry, having sent it to a leader. Whatever was sent to a leader of a lower term and has not been
    /// seen by now is in no log that could still be committed: it is dropped.
    /// </summary>
    private object? TakeForwarded(in Entry entry)
    {
        _forwards.TakeBelow(entry.Term, _dropped);
        return entry.Kind == EntryKind.Command && RequestId.TryRead(entry.Payload.Span, out var id)
            && id.Origin == _raft.Self.Value && id.Incarnation == _config.Incarnation
            ? _forwards.Take(id.Sequence)
            : null;
    }

    /// <summary>Requests or their refusals may be lost without any leader being lost; nobody waits for ever.</summary>
    private void GiveUpForwards()
    {
        _forwards.TakeSentUntil(_now.MonotonicMs - _config.ForwardPatienceMs, _dropped);
        SettleDropped(new OperationResult.Unknown());
    }

    private static bool Grows(ReadOnlyMemory<byte> payload) =>
        Envelope.TryDecode(payload, out var envelope) && SpaceNeed.Grows(envelope.Command);

    private static NotAppliedReason ReasonOf(long number) =>
        number is >= (long)NotAppliedReason.NoLeader and <= (long)NotAppliedReason.NotAudited
            ? (NotAppliedReason)number
            : NotAppliedReason.Overloaded;

    private void SendAgain(NodeId leader)
    {
        foreach (var (round, payload) in _sentBefore.TakeLast(4))
        {
            SendForward(leader, round, payload);
        }

        _sentBefore.Clear();
    }
}
