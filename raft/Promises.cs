namespace RestKv.Raft;

/// <summary>
/// The most that another member has promised, as far as its messages told this one: the highest term, and in it the vote and how
/// far its disk holds the log. A later start of that member must know all of it. Not thread safe.
/// </summary>
/// <remarks>
/// Only the highest term needs to be kept. Whatever a member writes goes into one log on disk in order, so a disk that knows a
/// term holds everything from before it; and while a term lasts, what was acknowledged in it is never taken back, for the log of
/// its one leader only grows. Terms and indexes of a healthy member therefore never lie below.
/// </remarks>
public sealed class Promises
{
    public Term Term { get; private set; }

    /// <summary>For whom it voted in <see cref="Term"/>, or none if that is not known.</summary>
    public NodeId Vote { get; private set; }

    /// <summary>Its disk held the log of the leader of <see cref="Term"/> up to here.</summary>
    public LogIndex Held { get; private set; }

    /// <summary>Takes note of a message that came from the member.</summary>
    public void Note(in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.VoteReply when !message.Reject:
                Raise(message.Term, message.To, LogIndex.Zero);
                break;
            case MessageKind.Vote:
                // Its log is durable too, but another leader of the same term may still cut it.
                Raise(message.Term, message.From, LogIndex.Zero);
                break;
            case MessageKind.AppendReply or MessageKind.SnapshotReply when !message.Reject:
                Raise(message.Term, NodeId.None, message.Index);
                break;
            case MessageKind.Append or MessageKind.Heartbeat:
                Raise(message.Term, message.From, message.Held);
                break;
            case MessageKind.None or MessageKind.PreVote or MessageKind.PreVoteReply or MessageKind.Forward or MessageKind.ForwardReply:
                // Terms that were only thought of, or are not on disk yet.
                break;
            default:
                Raise(message.Term, NodeId.None, LogIndex.Zero);
                break;
        }
    }

    /// <summary>What a disk has lost of this, for people; null when it knows all of it.</summary>
    public string? MissingFrom(in DiskFacts disk)
    {
        if (disk.Term < Term)
        {
            return $"it spoke in term {Term}, and its disk is in term {disk.Term}";
        }

        if (disk.Term > Term)
        {
            return null;
        }

        if (!Vote.IsNone && disk.Vote != Vote)
        {
            return $"it voted for {Vote} in term {Term}, and its disk does not know";
        }

        return disk.Last < Held ? $"it had the log up to index {Held} in term {Term}, and its disk ends at {disk.Last}" : null;
    }

    private void Raise(Term term, NodeId vote, LogIndex held)
    {
        if (term > Term)
        {
            (Term, Vote, Held) = (term, vote, held);
        }
        else if (term == Term)
        {
            Vote = Vote.IsNone ? vote : Vote;
            Held = held > Held ? held : Held;
        }
    }
}
