namespace RestKv.Core.Watch;

/// <summary>
/// Bytes that may wait in all rings of one reader together: ten thousand watches that share a stalled connection must not hold
/// ten thousand full rings. When it is used up the next event closes its ring, and that watch reads history later. As in a ring
/// one side adds (the hub) and one takes away (the reader), so each number has one writer.
/// </summary>
public sealed class RingBudget(long bytesMax)
{
    private readonly long _bytesMax = bytesMax;

    // Of the hub.
    private long _entered;

    // Of the reader.
    private long _left;

    /// <summary>What waits, as either side sees it.</summary>
    public long Waiting => Volatile.Read(ref _entered) - Volatile.Read(ref _left);

    internal bool HasRoom(int weight) => Waiting + weight <= _bytesMax;

    internal void Enter(int weight) => Volatile.Write(ref _entered, _entered + weight);

    internal void Leave(int weight) => Volatile.Write(ref _left, _left + weight);

    /// <summary>Hub: bytes that entered and that nobody will read.</summary>
    internal void Forget(long weight) => Volatile.Write(ref _entered, _entered - weight);
}
