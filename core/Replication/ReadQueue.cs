using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>
/// Reads that wait for a quorum round. A read joins the next round, never one in flight: a round confirms only what was
/// asked before it began. Owned by the replica thread.
/// </summary>
internal sealed class ReadQueue
{
    private readonly Dictionary<ReadId, List<object>> _rounds = [];
    private readonly List<(LogIndex Index, List<object> Tokens)> _confirmed = [];
    private List<object> _next = [];

    public bool HasNext => _next.Count > 0;

    public void Add(object token) => _next.Add(token);

    public void Start(ReadId round)
    {
        _rounds.Add(round, _next);
        _next = [];
    }

    /// <summary>Gives back the reads that must be refused, or keeps them until their index is applied.</summary>
    public List<object> Settle(in ReadState state)
    {
        if (!_rounds.Remove(state.Id, out var tokens))
        {
            return [];
        }

        if (!state.Confirmed)
        {
            return tokens;
        }

        _confirmed.Add((state.Index, tokens));
        return [];
    }

    /// <summary>Moves out the reads whose index is applied.</summary>
    public void TakeReady(LogIndex applied, List<object> into)
    {
        for (var i = _confirmed.Count - 1; i >= 0; i--)
        {
            if (_confirmed[i].Index <= applied)
            {
                into.AddRange(_confirmed[i].Tokens);
                _confirmed.RemoveAt(i);
            }
        }
    }
}
