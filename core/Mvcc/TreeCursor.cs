namespace RestKv.Core.Mvcc;

/// <summary>
/// A position in a tree, moving by keys in either direction from where it was sought. Not thread safe. The writer may
/// change the tree meanwhile: every key that was there at the start and is not removed is met exactly once.
/// </summary>
internal sealed class TreeCursor(object root)
{
    private readonly object[][] _nodes = new object[root is InnerNode inner ? inner.Level : 0][];
    private readonly int[] _slots = new int[root is InnerNode top ? top.Level : 0];
    private byte[] _leaf = Leaf.Empty;
    private int _index = -1;

    public ReadOnlySpan<byte> Key => Leaf.Key(_leaf, _index);

    public long Value => Leaf.Value(_leaf, _index);

    /// <summary>The value so many keys away, 0 when that is in another leaf.</summary>
    public long Peek(int distance)
    {
        var index = _index + distance;
        return index >= 0 && index < Leaf.Count(_leaf) ? Leaf.Value(_leaf, index) : 0;
    }

    /// <summary>Goes to the first key at or above <paramref name="key"/>.</summary>
    public bool SeekCeiling(ReadOnlySpan<byte> key)
    {
        Descend(key);
        var index = Leaf.Find(_leaf, key);
        _index = (index >= 0 ? index : ~index) - 1;
        return MoveNext();
    }

    /// <summary>Goes to the last key below <paramref name="key"/>.</summary>
    public bool SeekBelow(ReadOnlySpan<byte> key)
    {
        Descend(key);
        var index = Leaf.Find(_leaf, key);
        _index = index >= 0 ? index : ~index;
        return MovePrevious();
    }

    /// <summary>Goes to the last key.</summary>
    public bool SeekLast()
    {
        DescendEdge(root, 0, last: true);
        _index = Leaf.Count(_leaf);
        return MovePrevious();
    }

    public bool MoveNext()
    {
        _index++;
        while (_index >= Leaf.Count(_leaf))
        {
            if (!MoveLeaf(1))
            {
                return false;
            }

            _index = 0;
        }

        return true;
    }

    public bool MovePrevious()
    {
        _index--;
        while (_index < 0)
        {
            if (!MoveLeaf(-1))
            {
                return false;
            }

            _index = Leaf.Count(_leaf) - 1;
        }

        return true;
    }

    private void Descend(ReadOnlySpan<byte> key)
    {
        var node = root;
        for (var depth = 0; node is InnerNode inner; depth++)
        {
            var slot = inner.Find(key);
            _nodes[depth] = inner.Children;
            _slots[depth] = slot;
            node = Volatile.Read(ref _nodes[depth][slot]);
        }

        _leaf = (byte[])node;
    }

    private void DescendEdge(object node, int depth, bool last)
    {
        for (; node is InnerNode inner; depth++)
        {
            _nodes[depth] = inner.Children;
            _slots[depth] = last ? inner.Children.Length - 1 : 0;
            node = Volatile.Read(ref _nodes[depth][_slots[depth]]);
        }

        _leaf = (byte[])node;
    }

    private bool MoveLeaf(int step)
    {
        for (var depth = _nodes.Length - 1; depth >= 0; depth--)
        {
            var slot = _slots[depth] + step;
            if (slot >= 0 && slot < _nodes[depth].Length)
            {
                _slots[depth] = slot;
                DescendEdge(Volatile.Read(ref _nodes[depth][slot]), depth + 1, last: step < 0);
                return true;
            }
        }

        // Stay put at the end: another move must not wrap around.
        _index = step > 0 ? Leaf.Count(_leaf) : -1;
        return false;
    }
}
