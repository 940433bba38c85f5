using RestKv.Core.Mvcc;
using RestKv.Raft;

namespace RestKv.Core.Tests.Mvcc;

/// <summary>Sorting by gathered prefixes against sorting by whole keys.</summary>
public sealed class KeySortTests
{
    [Theory]
    [InlineData(1UL, 3, 2)]
    [InlineData(2UL, 9, 2)]
    [InlineData(3UL, 17, 1)]
    [InlineData(4UL, 40, 3)]
    [InlineData(5UL, 12, 256)]
    public void Order_is_that_of_whole_keys_and_stable(ulong seed, int lengthMax, int letters)
    {
        var random = new SplitMix64(seed);
        for (var round = 0; round < 50; round++)
        {
            var keys = new byte[random.Next(300)][];
            for (var i = 0; i < keys.Length; i++)
            {
                keys[i] = new byte[random.Next(lengthMax)];
                for (var at = 0; at < keys[i].Length; at++)
                {
                    keys[i][at] = (byte)random.Next(letters);
                }
            }

            var expected = Enumerable.Range(0, keys.Length).OrderBy(
                item => keys[item], Comparer<byte[]>.Create(static (x, y) => x.AsSpan().SequenceCompareTo(y)));

            Assert.Equal(expected, KeySort.Sort(keys.Length, item => keys[item]));
        }
    }
}
