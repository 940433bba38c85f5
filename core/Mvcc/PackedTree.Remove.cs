namespace RestKv.Core.Mvcc;

/// <summary>Removal: the one change that frozen roots must never see, so the path is made private first.</summary>
internal sealed partial class PackedTree
{
    /// <summary>Removes the key; false when it is not there.</summary>
    public bool Remove(ReadOnlySpan<byte> key)
    {
        Locate(key);
        if (_locatedIndex < 0)
        {
            return false;
        }

        _isLocated = false;
        Count--;
        LeafBytes -= _locatedLeaf.Length;
        var leaf = Leaf.Remove(_locatedLeaf, _locatedIndex);
        MakePathPrivate();
        if (_depth == 0)
        {
            Replace(0, leaf);
        }
        else if (Leaf.Count(leaf) == 0)
        {
            RemoveChild(_depth - 1, _slots[_depth - 1], _slots[_depth - 1], null);
            return true;
        }
        else if (leaf.Length >= _options.LeafBytesMax / 4 || !TryMerge(leaf))
        {
            Replace(_depth, leaf);
        }

        LeafBytes += leaf.Length;
        return true;
    }

    private void MakePathPrivate()
    {
        for (var depth = _privateDepth; depth < _depth; depth++)
        {
            var copy = Own(_path[depth]);
            Replace(depth, copy);
            _path[depth] = copy;
        }

        _privateDepth = _depth;
    }

    private bool TryMerge(byte[] leaf)
    {
        var parent = _path[_depth - 1];
        var slot = _slots[_depth - 1];
        for (var side = 0; side < 2; side++)
        {
            var other = side == 0 ? slot + 1 : slot - 1;
            if (other < 0 || other >= parent.Children.Length)
            {
                continue;
            }

            var sibling = (byte[])parent.Children[other];
            if (Leaf.Count(leaf) + Leaf.Count(sibling) <= _options.LeafKeysMax * 3 / 4
                && leaf.Length + sibling.Length <= _options.LeafBytesMax * 3 / 4)
            {
                var merged = other > slot ? Leaf.Concat(leaf, sibling) : Leaf.Concat(sibling, leaf);
                LeafBytes += merged.Length - sibling.Length - leaf.Length;
                RemoveChild(_depth - 1, Math.Max(slot, other), Math.Min(slot, other), merged);
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Takes a child out of the path node at the depth; <paramref name="merged"/>, when there is one, takes the place of
    /// the neighbour that it was merged into. The array of children is always a new one, so that the writer's own cursors
    /// go on with the old one and neither skip nor repeat a key.
    /// </summary>
    private void RemoveChild(int depth, int slot, int neighbour, object? merged)
    {
        while (true)
        {
            var node = _path[depth];
            var count = node.Children.Length;
            if (count == 1)
            {
                if (depth == 0)
                {
                    _root = Leaf.Empty;
                    LeafBytes = Leaf.Empty.Length;
                    return;
                }

                depth--;
                (slot, neighbour, merged) = (_slots[depth], _slots[depth], null);
                continue;
            }

            var children = new object[count - 1];
            Array.Copy(node.Children, children, slot);
            Array.Copy(node.Children, slot + 1, children, slot, count - slot - 1);
            if (merged is not null)
            {
                children[neighbour] = merged;
            }
            else
            {
                var heir = Math.Max(slot - 1, 0);
                children[heir] = OwnEdge(children[heir], isRight: slot > 0);
            }

            node.Separators = SeparatorPack.Remove(node.Separators, count - 1, slot == 0 ? 0 : slot - 1);
            node.Children = children;
            if (depth == 0)
            {
                if (children.Length == 1)
                {
                    _root = children[0];
                }

                return;
            }

            if (children.Length >= _options.FanOutMax / 4
                || !TryMergeInner(depth, node, out slot, out neighbour, out merged))
            {
                return;
            }

            depth--;
        }
    }

    /// <summary>
    /// A child that is gone leaves its interval to a neighbour, of which one edge now covers more than it does for frozen
    /// roots: new keys there must not be swapped into slots that those can see. So the nodes of that edge become private.
    /// </summary>
    private object OwnEdge(object node, bool isRight)
    {
        if (node is not InnerNode top)
        {
            return node;
        }

        var result = Own(top);
        for (var inner = result; inner.Level > 1;)
        {
            var slot = isRight ? inner.Children.Length - 1 : 0;
            var child = Own((InnerNode)inner.Children[slot]);
            inner.SetChild(slot, child);
            inner = child;
        }

        return result;
    }

    /// <summary>The node if it is private, else a private copy; only for nodes that hang under private ones.</summary>
    private InnerNode Own(InnerNode node) => node.Stamp == _stamp
        ? node
        : new InnerNode(_stamp, node.Level, [.. node.Children], node.Separators);

    private bool TryMergeInner(int depth, InnerNode node, out int slot, out int neighbour, out object? merged)
    {
        var parent = _path[depth - 1];
        var own = _slots[depth - 1];
        for (var side = 0; side < 2; side++)
        {
            var other = side == 0 ? own + 1 : own - 1;
            if (other < 0 || other >= parent.Children.Length)
            {
                continue;
            }

            var sibling = (InnerNode)parent.Children[other];
            if (node.Children.Length + sibling.Children.Length > _options.FanOutMax * 3 / 4
                || node.Separators.Length + sibling.Separators.Length > SeparatorBytesMax / 2)
            {
                continue;
            }

            var (left, right) = other > own ? (node, sibling) : (sibling, node);
            (slot, neighbour) = (Math.Max(own, other), Math.Min(own, other));
            merged = new InnerNode(
                _stamp,
                node.Level,
                [.. left.Children, .. right.Children],
                SeparatorPack.Join(
                    left.Separators,
                    left.Children.Length - 1,
                    parent.Separator(neighbour),
                    right.Separators,
                    right.Children.Length - 1));
            return true;
        }

        (slot, neighbour, merged) = (0, 0, null);
        return false;
    }
}
