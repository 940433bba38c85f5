using RestKv.Core.Commands;
using RestKv.Raft;

namespace RestKv.Core.Outcomes;

/// <summary>
/// The replicated memory of idempotency keys: what each of them came to. Entries lie in arrival order in append-only
/// chunks; a hash index finds them; the oldest leave when their window of cluster time is over, or earlier, but never
/// before the floor, when the table is full. No object per entry. Owned by the replica thread.
/// </summary>
public sealed class OutcomeTable(OutcomeLimits limits)
{
    private readonly OutcomeLog _log = new();
    private readonly OutcomeIndex _index = new();
    private readonly ByteWriter _scratch = new();

    public int Count => _log.Count;

    /// <summary>Cluster time from which on nothing was forgotten.</summary>
    public long KnownFromMs { get; private set; }

    /// <summary>Forgets what is past its window at this cluster time.</summary>
    public void Advance(long nowMs)
    {
        while (_log.Count > 0 && _log.OldestTimeMs <= nowMs - limits.WindowMs)
        {
            DropOldest();
        }
    }

    /// <summary>Makes room for one more; false when the table is full of entries too young to forget.</summary>
    public bool TryMakeRoom(long nowMs)
    {
        while (_log.Count >= limits.EntriesMax || _log.Bytes >= limits.BytesMax)
        {
            if (_log.OldestTimeMs > nowMs - limits.FloorMs)
            {
                return false;
            }

            DropOldest();
        }

        return true;
    }

    public bool TryFind(string author, ReadOnlySpan<byte> key, out OutcomeEntry entry)
    {
        var hash = Hash(author, key);
        var slot = _index.First(hash);
        while (slot >= 0)
        {
            entry = _log.Read(_index.Address(slot));
            if (entry.Author == author && entry.Key.Span.SequenceEqual(key))
            {
                return true;
            }

            slot = _index.Next(slot, hash);
        }

        entry = default;
        return false;
    }

    /// <summary>Remembers an outcome; of a result too large to keep, what it came to.</summary>
    public void Add(
        string author, ReadOnlySpan<byte> key, ulong requestHash, long nowMs, IdempotencyStatus status, OperationResult result)
    {
        _scratch.Clear();
        ResultCodec.Encode(_scratch, ResultDigest.Of(result, limits.ResultBytesMax));
        Add(author, key, requestHash, nowMs, status, result.Revision, _scratch.Written);
    }

    /// <summary>As a snapshot restores it.</summary>
    public void Add(
        string author,
        ReadOnlySpan<byte> key,
        ulong requestHash,
        long timeMs,
        IdempotencyStatus status,
        long revision,
        ReadOnlySpan<byte> result)
    {
        var hash = Hash(author, key);
        var address = _log.Append(hash, requestHash, timeMs, status, revision, author, key, result);
        _index.Add(hash, address);
    }

    public void RestoreKnownFrom(long knownFromMs) => KnownFromMs = knownFromMs;

    /// <summary>An immutable picture for a snapshot, in arrival order; costs nothing per entry.</summary>
    public OutcomeLog.Picture Capture() => _log.Capture();

    private void DropOldest()
    {
        var (hash, address, timeMs) = _log.DropOldest();
        _index.Remove(hash, address);
        KnownFromMs = Math.Max(KnownFromMs, timeMs + 1);
    }

    /// <summary>FNV-1a, finished by a mixer: deterministic on every member.</summary>
    private static ulong Hash(string author, ReadOnlySpan<byte> key)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in author)
        {
            hash = (hash ^ letter) * 1099511628211UL;
        }

        hash = (hash ^ 0xffff) * 1099511628211UL;
        foreach (var part in key)
        {
            hash = (hash ^ part) * 1099511628211UL;
        }

        return new SplitMix64(hash).Next();
    }
}

/// <param name="WindowMs">How long an outcome is remembered, in cluster time.</param>
/// <param name="FloorMs">Never forgotten before this, even when full.</param>
/// <param name="BytesMax">Of all entries; the table lies outside the quota.</param>
/// <param name="ResultBytesMax">Results up to this size are kept whole.</param>
public sealed record OutcomeLimits(
    long WindowMs = 600_000,
    long FloorMs = 60_000,
    int EntriesMax = 1_000_000,
    long BytesMax = 128 << 20,
    int ResultBytesMax = 256);

/// <summary>One remembered outcome; byte strings are views into the log.</summary>
public readonly record struct OutcomeEntry(
    ulong Hash,
    ulong RequestHash,
    long TimeMs,
    IdempotencyStatus Status,
    long Revision,
    string Author,
    ReadOnlyMemory<byte> Key,
    ReadOnlyMemory<byte> Result);
