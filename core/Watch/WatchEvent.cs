using RestKv.Core.Mvcc;

namespace RestKv.Core.Watch;

/// <summary>
/// One change as all its watchers share it: one object, and one encoding for each set of options that somebody uses.
/// Immutable but for the encodings, which any thread may add: two that encode at once make the same bytes, and one wins.
/// </summary>
public sealed class WatchEvent(in Change change)
{
    /// <summary>Encodings an event can keep; which number means what is the encoder's business.</summary>
    public const int EncodingsMax = 8;

    /// <summary>Bookkeeping counted per event beside its keys and values.</summary>
    private const int Overhead = 128;

    private readonly Change _change = change;

    private byte[]?[]? _encodings;

    public ref readonly Change Change => ref _change;

    public long Revision => _change.KeyValue.ModRevision;

    /// <summary>What the event counts in a watcher's queue.</summary>
    public int Weight => Overhead + _change.KeyValue.Key.Length + _change.KeyValue.Value.Length
        + (_change.Previous?.Value.Length ?? 0);

    public byte[]? Encoding(int number) => Volatile.Read(ref _encodings) is { } encodings
        ? Volatile.Read(ref encodings[number])
        : null;

    public void Keep(int number, byte[] bytes)
    {
        var encodings = Volatile.Read(ref _encodings);
        if (encodings is null)
        {
            // A table lost to another thread's costs one more encoding later, nothing else.
            encodings = new byte[]?[EncodingsMax];
            Volatile.Write(ref _encodings, encodings);
        }

        Volatile.Write(ref encodings[number], bytes);
    }
}
