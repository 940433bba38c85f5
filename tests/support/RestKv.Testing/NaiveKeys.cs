using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Testing;

/// <summary>
/// A small world in which ranges can be judged key by key. The ends of ranges have two letters at most, and every gap
/// between such ranges has a key of three.
/// </summary>
public static class NaiveKeys
{
    private static readonly byte[] Letters = [0, (byte)'a', (byte)'b', (byte)'c', 0xff];

    /// <summary>With the letters that prefixes end before.</summary>
    private static readonly byte[] LettersAndNext = [0, 1, (byte)'a', (byte)'b', (byte)'c', (byte)'d', 0xff];

    public static readonly IReadOnlyList<byte[]> All = [.. Of(1), .. Of(2), .. Of(3)];

    public static byte[] RandomKey(ref SplitMix64 random)
    {
        var key = new byte[1 + random.Next(2)];
        for (var i = 0; i < key.Length; i++)
        {
            key[i] = Letters[random.Next(Letters.Length)];
        }

        return key;
    }

    public static KeyRange RandomRange(ref SplitMix64 random) => random.Next(5) switch
    {
        0 or 1 => KeyRange.Single(RandomKey(ref random)),
        2 => KeyRange.From(RandomKey(ref random)),
        3 => KeyRange.Prefix(RandomKey(ref random)),
        _ => KeyRange.Between(RandomKey(ref random), RandomKey(ref random)),
    };

    private static IEnumerable<byte[]> Of(int length) => length == 0
        ? [[]]
        : Of(length - 1).SelectMany(start => LettersAndNext.Select(letter => (byte[])[.. start, letter]));
}
