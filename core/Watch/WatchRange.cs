using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Core.Watch;

/// <summary>One set of keys on a watch: a key, a range, or a prefix with a bound on how deep below it.</summary>
/// <param name="Depth">0 for any depth; else the key has fewer than this many separators after the prefix.</param>
/// <param name="PrefixLength">Where the depth is counted from; 0 unless there is a depth.</param>
public readonly record struct WatchRange(KeyRange Range, int Depth, int PrefixLength)
{
    public const byte Separator = (byte)'/';

    public static WatchRange Of(KeyRange range) => new(range, 0, 0);

    public static WatchRange Prefix(ReadOnlyMemory<byte> prefix, int depth = 0)
    {
        Invariant.Check(depth >= 0);
        return new(KeyRange.Prefix(prefix), depth, depth == 0 ? 0 : prefix.Length);
    }

    public bool Contains(ReadOnlySpan<byte> key) => Range.Contains(key) && IsWithinDepth(key);

    /// <summary>The depth alone; the key must be in <see cref="Range"/>.</summary>
    public bool IsWithinDepth(ReadOnlySpan<byte> key) =>
        Depth == 0 || key[PrefixLength..].Count(Separator) < Depth;
}
