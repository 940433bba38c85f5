using RestKv.Raft;

namespace RestKv.Core.Mvcc;

/// <summary>
/// An ordered map from byte strings to longs, packed into few heap objects: a B+tree whose leaves are single byte arrays.
/// One writer; any number of readers, each through a root that <see cref="Freeze"/> returned. A reader finds every key
/// that was there when it was frozen, for ever; it may also meet newer keys and newer values, but never a removal.
/// </summary>
/// <remarks>
/// Values of present keys are replaced in place and a leaf that gains a key is swapped into its parent's slot: old roots
/// see that, and it harms nobody who can tell old from new. Splits and removals copy every node they change that a frozen
/// root might reach; such copies carry the current stamp and are changed in place until the next freeze. A tree that is
/// never frozen is a plain, fast, single-threaded sorted map.
/// </remarks>
internal sealed partial class PackedTree(MvccOptions options)
{
    // Enough for a fan-out of two over more keys than memory holds.
    private const int HeightMax = 48;

    // Keys of tens of kilobytes with long common prefixes make separators as long: such nodes split early.
    private const int SeparatorBytesMax = 64 << 10;

    private readonly MvccOptions _options = options;
    private readonly InnerNode[] _path = new InnerNode[HeightMax];
    private readonly int[] _slots = new int[HeightMax];
    private object _root = Leaf.Empty;
    private long _stamp = 1;

    // What the last Locate found; gone with the next change of shape.
    private bool _isLocated;
    private byte[] _locatedKey = new byte[256];
    private int _locatedKeyLength;
    private byte[] _locatedLeaf = Leaf.Empty;
    private int _locatedIndex;
    private int _depth;
    private int _privateDepth;

    /// <summary>Keys in the tree.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes of all leaves: what the index takes, inner nodes (about 2 %) apart.</summary>
    public long LeafBytes { get; private set; } = Leaf.Empty.Length;

    /// <summary>The root as of now, for readers on any thread.</summary>
    public object Freeze()
    {
        _stamp++;
        _isLocated = false;
        return _root;
    }

    /// <summary>The root for the writer's own reading: as <see cref="Freeze"/>, but it sees removals, too.</summary>
    public object Root => _root;

    public static bool TryGet(object root, ReadOnlySpan<byte> key, out long value)
    {
        var node = root;
        while (node is InnerNode inner)
        {
            node = inner.Child(inner.Find(key));
        }

        var leaf = (byte[])node;
        var index = Leaf.Find(leaf, key);
        value = index >= 0 ? Leaf.Value(leaf, index) : 0;
        return index >= 0;
    }

    /// <summary>Finds a key for the writer; a following <see cref="Set"/> or <see cref="Remove"/> of it is then cheap.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out long value)
    {
        Locate(key);
        value = _locatedIndex >= 0 ? Leaf.Value(_locatedLeaf, _locatedIndex) : 0;
        return _locatedIndex >= 0;
    }

    /// <summary>Adds the key or replaces its value.</summary>
    public void Set(ReadOnlySpan<byte> key, long value)
    {
        Locate(key);
        if (_locatedIndex >= 0)
        {
            Leaf.SetValue(_locatedLeaf, _locatedIndex, value);
            return;
        }

        _isLocated = false;
        Count++;
        LeafBytes -= _locatedLeaf.Length;
        var index = ~_locatedIndex;
        var leaf = Leaf.Insert(_locatedLeaf, index, key, value);
        if (Fits(leaf))
        {
            LeafBytes += leaf.Length;
            Replace(_depth, leaf);
            return;
        }

        // Keys that arrive in order fill the left leaf; cutting in the middle would leave every leaf half empty.
        var cut = index == Leaf.Count(_locatedLeaf) ? index : Leaf.Middle(leaf);
        var left = cut == index && index == Leaf.Count(_locatedLeaf) ? _locatedLeaf : Leaf.Slice(leaf, 0, cut);
        var right = Leaf.Slice(leaf, cut, Leaf.Count(leaf));
        LeafBytes += left.Length + right.Length;
        Split(_depth, left, SeparatorPack.Between(Leaf.Key(left, cut - 1), Leaf.Key(right, 0)), right);
    }

    private bool Fits(byte[] leaf) =>
        Leaf.Count(leaf) == 1 || (Leaf.Count(leaf) <= _options.LeafKeysMax && leaf.Length <= _options.LeafBytesMax);

    private void Locate(ReadOnlySpan<byte> key)
    {
        if (_isLocated && key.SequenceEqual(_locatedKey.AsSpan(0, _locatedKeyLength)))
        {
            return;
        }

        _depth = 0;
        _privateDepth = 0;
        var node = _root;
        while (node is InnerNode inner)
        {
            if (_privateDepth == _depth && inner.Stamp == _stamp)
            {
                _privateDepth++;
            }

            var slot = inner.Find(key);
            _path[_depth] = inner;
            _slots[_depth] = slot;
            _depth++;
            node = inner.Children[slot];
        }

        _locatedLeaf = (byte[])node;
        _locatedIndex = Leaf.Find(_locatedLeaf, key);
        if (_locatedKey.Length < key.Length)
        {
            // Nothing longer is here, but it may be looked for.
            _locatedKey = new byte[Math.Max(ushort.MaxValue, key.Length)];
        }

        key.CopyTo(_locatedKey);
        _locatedKeyLength = key.Length;
        _isLocated = true;
    }

    /// <summary>The stamp of a node that takes a place below <paramref name="depth"/> path nodes.</summary>
    private long StampAt(int depth) => depth <= _privateDepth ? _stamp : 0;

    /// <summary>Puts a node in the place of the one at the depth; both cover the same interval.</summary>
    private void Replace(int depth, object node)
    {
        if (depth == 0)
        {
            _root = node;
        }
        else
        {
            _path[depth - 1].SetChild(_slots[depth - 1], node);
        }
    }

    /// <summary>Puts two nodes in the place of the one at the depth, splitting upwards as needed.</summary>
    private void Split(int depth, object left, ReadOnlySpan<byte> separator, object right)
    {
        while (true)
        {
            if (depth == 0)
            {
                var level = left is InnerNode below ? below.Level + 1 : 1;
                Invariant.Check(level < HeightMax);
                _root = new InnerNode(_stamp, level, [left, right], SeparatorPack.Insert([], 0, 0, separator));
                return;
            }

            var parent = _path[depth - 1];
            var slot = _slots[depth - 1];
            var children = new object[parent.Children.Length + 1];
            Array.Copy(parent.Children, children, slot);
            children[slot] = left;
            children[slot + 1] = right;
            Array.Copy(parent.Children, slot + 1, children, slot + 2, parent.Children.Length - slot - 1);
            var separators = SeparatorPack.Insert(parent.Separators, parent.Children.Length - 1, slot, separator);

            depth--;
            if (children.Length <= _options.FanOutMax
                && (separators.Length <= SeparatorBytesMax || children.Length < 4))
            {
                Reshape(depth, parent, children, separators);
                return;
            }

            var stamp = StampAt(depth);
            var cut = slot + 2 == children.Length ? children.Length - 2 : children.Length / 2;
            left = new InnerNode(
                stamp, parent.Level, children[..cut], SeparatorPack.Slice(separators, children.Length - 1, 0, cut - 1));
            right = new InnerNode(
                stamp,
                parent.Level,
                children[cut..],
                SeparatorPack.Slice(separators, children.Length - 1, cut, children.Length - 1));
            separator = SeparatorPack.Get(separators, children.Length - 1, cut - 1);
        }
    }

    /// <summary>Gives the path node at the depth new contents: in place when it is private, else as a copy.</summary>
    private void Reshape(int depth, InnerNode node, object[] children, byte[] separators)
    {
        if (depth < _privateDepth)
        {
            node.Children = children;
            node.Separators = separators;
            return;
        }

        Replace(depth, new InnerNode(StampAt(depth), node.Level, children, separators));
    }
}
