using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>
/// Requests of this member that were handed to a leader, in the order of sending, until they come back in the log, are
/// refused, or can never come. A request is sent once and never again: a second copy could be applied, too. Owned by the
/// replica thread.
/// </summary>
/// <param name="firstRound">Where the numbers begin; random, so that an answer to a former life means nothing in this one.</param>
internal sealed class ForwardedOperations(long firstRound)
{
    /// <summary>Terms never fall along it, for a member's term never falls.</summary>
    private readonly LinkedList<Waiting> _inOrder = [];
    private readonly Dictionary<long, LinkedListNode<Waiting>> _bySequence = [];
    private readonly Dictionary<long, LinkedListNode<Waiting>> _byRound = [];
    private long _lastRound = firstRound;

    public int Count => _inOrder.Count;

    /// <summary>Notes a request that leaves now; the number it carries.</summary>
    public ReadId Add(long sequence, NodeId leader, Term term, long nowMs, object token)
    {
        var waiting = new Waiting(++_lastRound, sequence, leader, term, nowMs, token);
        var node = _inOrder.AddLast(waiting);
        _byRound.Add(waiting.Round, node);
        _bySequence.Add(sequence, node);
        return new ReadId(waiting.Round);
    }

    /// <summary>The request has been applied here.</summary>
    public object? Take(long sequence) => _bySequence.TryGetValue(sequence, out var node) ? Remove(node) : null;

    /// <summary>The leader it was sent to says that it did not take the request.</summary>
    public object? Refused(NodeId leader, ReadId round) =>
        _byRound.TryGetValue(round.Value, out var node) && node.Value.Leader == leader ? Remove(node) : null;

    /// <summary>Everything that was meant for a leader of a lower term.</summary>
    public void TakeBelow(Term term, List<object> into)
    {
        while (_inOrder.First is { } first && first.Value.Term < term)
        {
            into.Add(Remove(first));
        }
    }

    /// <summary>Everything that was sent at this time or before.</summary>
    public void TakeSentUntil(long timeMs, List<object> into)
    {
        while (_inOrder.First is { } first && first.Value.SentMs <= timeMs)
        {
            into.Add(Remove(first));
        }
    }

    private object Remove(LinkedListNode<Waiting> node)
    {
        _inOrder.Remove(node);
        _byRound.Remove(node.Value.Round);
        _bySequence.Remove(node.Value.Sequence);
        return node.Value.Token;
    }

    private readonly record struct Waiting(long Round, long Sequence, NodeId Leader, Term Term, long SentMs, object Token);
}
