using System.Text;
using RestKv.Core.Mvcc;
using RestKv.Raft;

namespace RestKv.Core.Tests.Mvcc;

/// <summary>The index against a sorted dictionary, and its promise to the holders of frozen roots.</summary>
public sealed class PackedTreeTests
{
    private static readonly Comparer<byte[]> ByteOrder =
        Comparer<byte[]>.Create(static (x, y) => x.AsSpan().SequenceCompareTo(y));

    public static TheoryData<ulong, string> Cases()
    {
        var data = new TheoryData<ulong, string>();
        for (var seed = 1UL; seed <= 4; seed++)
        {
            data.Add(seed, "tiny");
            data.Add(seed, "default");
            data.Add(seed, "long keys");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Tree_does_what_a_sorted_dictionary_does(ulong seed, string kind)
    {
        var random = new SplitMix64(seed);
        var tree = new PackedTree(kind == "tiny" ? MvccStateModelTests.Tiny : MvccOptions.Default);
        var expected = new SortedDictionary<byte[], long>(ByteOrder);
        var frozen = new List<(object Root, List<byte[]> Keys)>();

        var steps = kind == "long keys" ? 1200 : 4000;
        for (var step = 0; step < steps; step++)
        {
            var key = Key(random, kind);
            var removes = step / (steps / 4) % 2 == 0 ? 3 : 7;
            if (random.Next(10) < removes)
            {
                Assert.Equal(expected.Remove(key), tree.Remove(key));
            }
            else
            {
                expected[key] = step + 1;
                tree.Set(key, step + 1);
            }

            if (step % (steps / 16) == 0)
            {
                frozen.Add((tree.Freeze(), [.. expected.Keys]));
                CheckAll(tree, expected, random, kind);
            }
        }

        CheckAll(tree, expected, random, kind);
        Assert.All(frozen, root => CheckFrozen(root.Root, root.Keys));
        foreach (var key in expected.Keys.ToArray())
        {
            Assert.True(tree.Remove(key));
        }

        Assert.Equal(0, tree.Count);
        Assert.Equal(Leaf.Empty, tree.Root);
        Assert.Equal(Leaf.Empty.Length, tree.LeafBytes);
        Assert.All(frozen, root => CheckFrozen(root.Root, root.Keys));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    [InlineData(20_000)]
    public void Loaded_tree_equals_one_that_grew(int count)
    {
        var tree = new PackedTree(count == 1000 ? MvccStateModelTests.Tiny : MvccOptions.Default);
        var loader = new PackedTree.Loader(tree);
        var expected = new SortedDictionary<byte[], long>(ByteOrder);
        for (var i = 0; i < count; i++)
        {
            var key = Encoding.ASCII.GetBytes($"key-{i:d8}");
            loader.Append(key, i);
            expected[key] = i;
        }

        loader.Finish();

        CheckAll(tree, expected, new SplitMix64(1), "default");
        for (var i = 0; i < count; i += 3)
        {
            var key = Encoding.ASCII.GetBytes($"key-{i:d8}+");
            tree.Set(key, i);
            expected[key] = i;
        }

        CheckAll(tree, expected, new SplitMix64(1), "default");
    }

    [Fact]
    public void Cursor_meets_every_key_once_while_its_caller_removes_them()
    {
        var tree = new PackedTree(MvccStateModelTests.Tiny);
        for (var i = 0; i < 2000; i++)
        {
            tree.Set(Encoding.ASCII.GetBytes($"{i:d5}"), i);
        }

        var met = new List<long>();
        var cursor = new TreeCursor(tree.Root);
        for (var found = cursor.SeekCeiling([]); found; found = cursor.MoveNext())
        {
            met.Add(cursor.Value);
            Assert.True(tree.Remove(cursor.Key.ToArray()));
        }

        Assert.Equal(Enumerable.Range(0, 2000).Select(static i => (long)i), met);
        Assert.Equal(0, tree.Count);
    }

    [Fact]
    public void Keys_in_order_fill_their_leaves()
    {
        var tree = new PackedTree(MvccOptions.Default);
        for (var i = 0; i < 10_000; i++)
        {
            tree.Set(Encoding.ASCII.GetBytes($"{i:d8}"), i);
        }

        Assert.InRange(tree.LeafBytes, 10_000 * 20, 10_000 * 21);
    }

    [Fact]
    public void Removing_most_keys_gives_their_memory_back()
    {
        var tree = new PackedTree(MvccOptions.Default);
        for (var i = 0; i < 50_000; i++)
        {
            tree.Set(Encoding.ASCII.GetBytes($"{i * 7919 % 50_000:d8}"), i);
        }

        var full = tree.LeafBytes;
        for (var i = 0; i < 50_000; i++)
        {
            if (i % 100 != 0)
            {
                Assert.True(tree.Remove(Encoding.ASCII.GetBytes($"{i:d8}")));
            }
        }

        Assert.Equal(500, tree.Count);
        Assert.InRange(CountLeaves(tree.Root), 1, 100);
        Assert.InRange(tree.LeafBytes, 1, full / 50);
    }

    private static int CountLeaves(object node) =>
        node is InnerNode inner ? inner.Children.Sum(CountLeaves) : 1;

    private static byte[] Key(SplitMix64 random, string kind)
    {
        var number = random.Next(700);
        if (kind != "long keys")
        {
            return Encoding.ASCII.GetBytes(number % 2 == 0 ? $"{number}" : $"/some/shared/prefix/{number:d6}");
        }

        // Lengths from 0 to 65 535, with common prefixes as long.
        var length = number switch
        {
            0 => 0,
            < 300 => number % 40,
            < 600 => 900 + (number % 7 * 200),
            _ => number % 2 == 0 ? 60_000 + (number % 10) : ushort.MaxValue,
        };
        var key = new byte[length];
        Array.Fill(key, (byte)'x');
        for (var i = 0; i < Math.Min(4, length); i++)
        {
            key[length - 1 - i] = (byte)(number >> (i * 3));
        }

        return key;
    }

    private static void CheckAll(
        PackedTree tree, SortedDictionary<byte[], long> expected, SplitMix64 random, string kind)
    {
        Assert.Equal(expected.Count, tree.Count);
        var keys = expected.Keys.ToArray();
        var up = Walk(tree.Root, ascending: true);
        Assert.True(keys.SequenceEqual(up.Select(static pair => pair.Key), EqualBytes.Instance));
        Assert.Equal(expected.Values, up.Select(static pair => pair.Value));
        Assert.Equal(expected.Values.Reverse(), Walk(tree.Root, ascending: false).Select(static pair => pair.Value));

        for (var i = 0; i < 50; i++)
        {
            var probe = Key(random, kind);
            Assert.Equal(expected.TryGetValue(probe, out var value), PackedTree.TryGet(tree.Root, probe, out var found));
            Assert.Equal(value, found);
            Assert.Equal(expected.ContainsKey(probe), tree.TryGet(probe, out _));

            var above = Array.FindIndex(keys, key => ByteOrder.Compare(key, probe) >= 0);
            var cursor = new TreeCursor(tree.Root);
            Assert.Equal(above >= 0, cursor.SeekCeiling(probe));
            Assert.True(above < 0 || cursor.Key.SequenceEqual(keys[above]));

            var below = Array.FindLastIndex(keys, key => ByteOrder.Compare(key, probe) < 0);
            Assert.Equal(below >= 0, cursor.SeekBelow(probe));
            Assert.True(below < 0 || cursor.Key.SequenceEqual(keys[below]));
        }
    }

    /// <summary>Newer keys may show, but each key of the time of freezing must.</summary>
    private static void CheckFrozen(object root, List<byte[]> keys)
    {
        var met = Walk(root, ascending: true).ConvertAll(static pair => pair.Key);
        for (var i = 1; i < met.Count; i++)
        {
            Assert.True(ByteOrder.Compare(met[i - 1], met[i]) < 0);
        }

        var set = met.ToHashSet(EqualBytes.Instance);
        Assert.All(keys, key => Assert.Contains(key, set));
        Assert.All(keys, key => Assert.True(PackedTree.TryGet(root, key, out _)));
    }

    private static List<(byte[] Key, long Value)> Walk(object root, bool ascending)
    {
        var result = new List<(byte[], long)>();
        var cursor = new TreeCursor(root);
        for (var found = ascending ? cursor.SeekCeiling([]) : cursor.SeekLast();
             found;
             found = ascending ? cursor.MoveNext() : cursor.MovePrevious())
        {
            result.Add((cursor.Key.ToArray(), cursor.Value));
        }

        Assert.False(ascending ? cursor.MoveNext() : cursor.MovePrevious());
        return result;
    }

    private sealed class EqualBytes : IEqualityComparer<byte[]>
    {
        public static readonly EqualBytes Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => (int)StateHash.Of(obj, 1);
    }
}
