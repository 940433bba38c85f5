using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Simulator.Checks;
using RestKv.Simulator.Engine;

namespace RestKv.Simulator.Cluster;

/// <summary>What is judged while this process writes its log, sends and shows itself (invariants I1 to I10).</summary>
internal sealed partial class NodeLife
{
    /// <summary>The log as it was handed to the disk, the unflushed end included.</summary>
    private readonly Dictionary<long, Entry> _log = [];
    private long _lastLogged;
    private HardState _durableState;
    private Term _leadingTerm;
    private LogIndex _committedSeen;

    /// <summary>The membership this process counts by.</summary>
    public Membership Membership => _replica.Status.Membership;

    private void RememberLog(RaftImage image)
    {
        foreach (var entry in image.Entries)
        {
            _log[entry.Index.Value] = entry;
        }

        _lastLogged = image.Entries.Count > 0 ? image.Entries[^1].Index.Value : image.Snapshot.Index.Value;
        _durableState = image.HardState;
        var sometimes = _simulation.Sometimes;
        var entries = image.Entries;
        sometimes.HitIf(entries.Count > 1 && entries[0].Term != entries[^1].Term, "log of several terms recovered");
        sometimes.HitIf(entries.Count > 0 && image.HardState.Commit < entries[^1].Index, "uncommitted tail recovered");
        sometimes.HitIf(entries.Any(entry => entry.Kind == EntryKind.Membership), "membership recovered from the log");
        sometimes.HitIf(
            image.Snapshot.Index.Value > 0 && entries.Count > 0 && entries[^1].Index > image.Snapshot.Index, "snapshot and log recovered");
    }

    private void WriteLog(PersistBatch batch)
    {
        if (batch.Snapshot is { } restart)
        {
            _log.Clear();
            _restartedAfter = restart.Index;
            _lastLogged = restart.Index.Value;
        }

        if (batch.Entries.Count == 0)
        {
            return;
        }

        if (batch.Entries[0].Index.Value <= _lastLogged)
        {
            _simulation.Sometimes.Hit("uncommitted suffix overwritten");
            RequireNotLeading(batch.Entries[0].Index);
        }

        foreach (var entry in batch.Entries)
        {
            var before = entry.Index.Value == 1 ? 0 : _log.TryGetValue(entry.Index.Value - 1, out var previous) ? previous.Term.Value : -1;
            _simulation.Protocol.Writes(_node.Id, entry, before);
            _log[entry.Index.Value] = entry;
            if (entry.Kind == EntryKind.Membership)
            {
                JudgeMembership(entry);
            }
        }

        for (var stale = batch.Entries[^1].Index.Value + 1; stale <= _lastLogged; stale++)
        {
            _log.Remove(stale);
        }

        _lastLogged = batch.Entries[^1].Index.Value;
    }

    /// <summary>I2: a leader only appends.</summary>
    private void RequireNotLeading(LogIndex from)
    {
        var status = _replica.Status;
        if (status.Role == RaftRole.Leader)
        {
            throw new SimulationFailure(
                "I2", $"member {_node.Id} leads in term {status.Term} and overwrites its log from {from}, it held {_lastLogged}");
        }
    }

    private void JudgeMembership(in Entry entry)
    {
        var status = _replica.Status;
        if (status.Role != RaftRole.Leader || entry.Term != status.Term)
        {
            return;
        }

        var uncommitted = 0;
        for (var index = status.Committed.Value + 1; index <= entry.Index.Value; index++)
        {
            uncommitted += _log.TryGetValue(index, out var other) && other.Kind == EntryKind.Membership ? 1 : 0;
        }

        var committedTerm = _log.TryGetValue(status.Committed.Value, out var last) ? last.Term : _simulation.Committed.TermAt(status.Committed.Value);
        ProtocolChecks.Proposes(_node.Id, status.Term, uncommitted, committedTerm);
        if (Membership.TryDecode(entry.Payload.Span, out var next))
        {
            _simulation.NoteProposedMembership(_node, entry, next);
        }
    }

    private static void NoteMessage(Sometimes sometimes, in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.PreVoteReply:
                sometimes.Hit(message.Reject ? "pre-vote refused" : "pre-vote granted");
                break;
            case MessageKind.VoteReply:
                sometimes.Hit(message.Reject ? "vote refused" : "vote granted");
                break;
            case MessageKind.Vote:
                sometimes.HitIf(message.Transfer, "candidate by hand-over");
                break;
            case MessageKind.AppendReply:
                sometimes.HitIf(message.Reject, "append refused");
                break;
            case MessageKind.Append when message.Entries is { Count: > 1 } entries:
                sometimes.Hit("several entries in one append");
                sometimes.HitIf(entries[0].Term != entries[^1].Term, "append of several terms");
                break;
            case MessageKind.TimeoutNow:
                sometimes.Hit("member asked to stand at once");
                break;
            case MessageKind.ReadIndex:
                sometimes.Hit("read index asked");
                break;
            case MessageKind.ReadIndexReply:
                sometimes.HitIf(message.Reject, "read index refused");
                break;
            case MessageKind.SnapshotReply:
                sometimes.Hit("snapshot acknowledged");
                break;
            case MessageKind.Forward:
                sometimes.Hit("forward sent");
                break;
            case MessageKind.ForwardReply:
                sometimes.Hit("forward refused");
                break;
        }
    }

    /// <summary>I6 and I7: what leaves as a promise must be on this disk.</summary>
    private void JudgePromise(in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.VoteReply when !message.Reject:
                _simulation.Voted(_node, message.Term, message.To, _durableState);
                break;
            case MessageKind.Vote:
                _simulation.Voted(_node, message.Term, _node.Id, _durableState);
                break;
            case MessageKind.AppendReply when !message.Reject:
            case MessageKind.SnapshotReply:
                // What a newer leader has overwritten meanwhile may still be acknowledged to the old one: it was on disk.
                var durable = _simulation.Committed.DurableOf(_node.Id);
                if (message.Index.Value > durable && message.Term >= _durableState.Term)
                {
                    throw new SimulationFailure("I7", $"member {_node.Id} acknowledges {message.Index}, its disk holds {durable}");
                }

                break;
        }
    }

    private void NoteDurable(IEnumerable<PersistBatch> batches)
    {
        foreach (var batch in batches)
        {
            _durableState = batch.HardState ?? _durableState;
        }
    }

    private void NoteRole(RaftStatus status)
    {
        var isLeader = status.Role == RaftRole.Leader;
        _simulation.Sometimes.HitIf(_wasLeader && !isLeader, "leader stepped down");
        _simulation.Sometimes.HitIf(_wasLeader && !isLeader && _isFlushing && _isFlushSlow, "leader with a slow disk stepped down");
        _simulation.Sometimes.HitIf(
            _wasLeader && !isLeader && status.Last > status.Committed, "leader stepped down with uncommitted entries");
        if (isLeader && status.Term != _leadingTerm)
        {
            _leadingTerm = status.Term;
            RequireAllCommitted(status);
            _simulation.LeaderElected(_node, status);
        }
        else if (isLeader && status.Committed > _committedSeen && _log[status.Committed.Value].Term != status.Term)
        {
            throw new SimulationFailure(
                "I8",
                $"member {_node.Id} leads in term {status.Term} and commits up to {status.Committed}, an entry of term"
                    + $" {_log[status.Committed.Value].Term}, by counting");
        }

        _committedSeen = status.Committed;
        _wasLeader = isLeader;
    }

    /// <summary>I4: whoever is elected holds everything that was committed in earlier terms.</summary>
    private void RequireAllCommitted(RaftStatus status)
    {
        var committed = _simulation.Committed;
        var last = committed.LastIndex;
        if (status.Term.Value <= committed.LastCommitTermMax || last <= _appliedSeen)
        {
            return;
        }

        if (!_log.TryGetValue(last, out var entry) || entry.Term != committed.TermAt(last))
        {
            throw new SimulationFailure(
                "I4", $"member {_node.Id} leads in term {status.Term} without entry {last} of term {committed.TermAt(last)}, which is committed");
        }
    }
}
