using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>Who waits for which log entry. Owned by the replica thread.</summary>
internal sealed class PendingOperations
{
    /// <summary>In log order.</summary>
    private readonly Queue<Waiting> _waiting = new();

    /// <summary>
    /// Of a lost leadership whose suffix this log no longer has. Another log may still have it and bring it back, so nobody
    /// is told anything before their index is committed.
    /// </summary>
    private readonly List<Waiting> _overtaken = [];
    private LogIndex _last;

    public int Count => _waiting.Count + _overtaken.Count;

    public void Add(LogIndex index, Term term, object token)
    {
        if (index <= _last)
        {
            KeepApart(index);
        }

        _waiting.Enqueue(new Waiting(index, term, token));
        _last = index;
    }

    /// <summary>
    /// Takes out who waits for this entry. Anybody found before it, or at it under another term, waited for an entry that
    /// was overwritten: it was never applied and never will be.
    /// </summary>
    public object? Take(LogIndex index, Term term, List<object> dropped)
    {
        var found = _overtaken.Count == 0 ? null : TakeOvertaken(index, term, dropped);
        while (_waiting.TryPeek(out var first) && first.Index <= index)
        {
            _waiting.Dequeue();
            if (first.Index == index && first.Term == term)
            {
                return first.Token;
            }

            dropped.Add(first.Token);
        }

        return found;
    }

    /// <summary>Takes out all who wait for an entry up to here, whatever its term.</summary>
    public void TakeUpTo(LogIndex index, List<object> into)
    {
        while (_waiting.TryPeek(out var first) && first.Index <= index)
        {
            into.Add(_waiting.Dequeue().Token);
        }

        foreach (var waiting in _overtaken)
        {
            if (waiting.Index <= index)
            {
                into.Add(waiting.Token);
            }
        }

        _overtaken.RemoveAll(waiting => waiting.Index <= index);
    }

    private void KeepApart(LogIndex from)
    {
        var all = _waiting.ToArray();
        _waiting.Clear();
        foreach (var waiting in all)
        {
            if (waiting.Index < from)
            {
                _waiting.Enqueue(waiting);
            }
            else
            {
                _overtaken.Add(waiting);
            }
        }
    }

    private object? TakeOvertaken(LogIndex index, Term term, List<object> dropped)
    {
        object? found = null;
        for (var i = _overtaken.Count - 1; i >= 0; i--)
        {
            var waiting = _overtaken[i];
            if (waiting.Index > index)
            {
                continue;
            }

            _overtaken.RemoveAt(i);
            if (waiting.Index == index && waiting.Term == term)
            {
                found = waiting.Token;
            }
            else
            {
                dropped.Add(waiting.Token);
            }
        }

        return found;
    }

    private readonly record struct Waiting(LogIndex Index, Term Term, object Token);
}
