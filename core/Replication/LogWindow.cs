using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>
/// How much of the applied log stays in memory for slow followers: at most so many entries and bytes, and up to
/// <see cref="Stretch"/> times that for as long as the newest snapshot, or one on its way to a follower, does not reach so
/// far. Owned by the replica thread.
/// </summary>
internal sealed class LogWindow(long entriesMax, long bytesMax)
{
    public const int Stretch = 4;
    private readonly Queue<int> _lengths = new();
    private long _bytes;

    /// <summary>The place before the first entry that is kept.</summary>
    public LogIndex Start { get; private set; }

    /// <summary>Last applied entry.</summary>
    public LogIndex End => new(Start.Value + _lengths.Count);

    public void Begin(LogIndex start)
    {
        _lengths.Clear();
        _bytes = 0;
        Start = start;
    }

    public void Add(int payloadLength)
    {
        _lengths.Enqueue(payloadLength);
        _bytes += payloadLength;
    }

    /// <summary>Lets go of what is too much; <paramref name="covered"/> is how far a durable snapshot reaches that followers can get.</summary>
    public void Trim(LogIndex covered)
    {
        while (IsOver(Start < covered ? 1 : Stretch))
        {
            _bytes -= _lengths.Dequeue();
            Start = Start.Next;
        }
    }

    private bool IsOver(int times) => _lengths.Count > entriesMax * times || _bytes > bytesMax * times;
}
