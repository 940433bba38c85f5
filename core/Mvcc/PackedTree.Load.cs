using RestKv.Raft;

namespace RestKv.Core.Mvcc;

/// <summary>Building a whole tree from keys that come in order: every leaf is written once.</summary>
internal sealed partial class PackedTree
{
    /// <summary>Fills an empty tree; the tree is not to be used otherwise until <see cref="Finish"/>.</summary>
    internal sealed class Loader
    {
        // Some room, or the first random insert into every leaf would split it.
        private const int FillPercent = 85;

        private readonly PackedTree _tree;
        private readonly int _keysMax;
        private readonly int _bytesMax;
        private readonly int[] _ends;
        private readonly long[] _values;
        private readonly List<object> _nodes = [];
        private readonly List<byte[]> _separators = [];
        private byte[] _keys = new byte[4096];
        private int _count;
        private int _keyBytes;

        public Loader(PackedTree tree)
        {
            Invariant.Check(tree.Count == 0);
            _tree = tree;
            _tree.LeafBytes = 0;
            _keysMax = Math.Max(1, tree._options.LeafKeysMax * FillPercent / 100);
            _bytesMax = tree._options.LeafBytesMax * FillPercent / 100;
            _ends = new int[_keysMax];
            _values = new long[_keysMax];
        }

        private ReadOnlySpan<byte> LastKey
        {
            get
            {
                var from = _count == 1 ? 0 : _ends[_count - 2];
                return _keys.AsSpan(from, _ends[_count - 1] - from);
            }
        }

        /// <summary>The key must be above all before it.</summary>
        public void Append(ReadOnlySpan<byte> key, long value)
        {
            Invariant.Check(_count == 0 || LastKey.SequenceCompareTo(key) < 0);
            if (_count == _keysMax
                || (_count > 0 && _keyBytes + key.Length + ((_count + 1) * Leaf.EntryBytes) > _bytesMax))
            {
                _separators.Add(SeparatorPack.Between(LastKey, key).ToArray());
                CloseLeaf();
            }

            if (_keyBytes + key.Length > _keys.Length)
            {
                Array.Resize(ref _keys, Math.Max(_keys.Length * 2, _keyBytes + key.Length));
            }

            key.CopyTo(_keys.AsSpan(_keyBytes));
            _keyBytes += key.Length;
            _ends[_count] = _keyBytes;
            _values[_count] = value;
            _count++;
            _tree.Count++;
        }

        public void Finish()
        {
            if (_count > 0 || _nodes.Count == 0)
            {
                CloseLeaf();
            }

            List<object> nodes = _nodes;
            List<byte[]> separators = _separators;
            for (var level = 1; nodes.Count > 1; level++)
            {
                (nodes, separators) = Raise(nodes, separators, level);
            }

            _tree._root = nodes[0];
            _tree._isLocated = false;
        }

        private (List<object> Nodes, List<byte[]> Separators) Raise(
            List<object> below, List<byte[]> between, int level)
        {
            Invariant.Check(level < HeightMax);
            var nodes = new List<object>();
            var separators = new List<byte[]>();
            for (var from = 0; from < below.Count;)
            {
                var to = from + 1;
                var bytes = 0;
                while (to < below.Count
                    && to - from < _tree._options.FanOutMax
                    && (bytes <= SeparatorBytesMax / 2 || to - from < 2))
                {
                    bytes += between[to - 1].Length;
                    to++;
                }

                var pack = SeparatorPack.Of(between.GetRange(from, to - from - 1));
                nodes.Add(new InnerNode(_tree._stamp, level, [.. below.GetRange(from, to - from)], pack));
                if (to < below.Count)
                {
                    separators.Add(between[to - 1]);
                }

                from = to;
            }

            return (nodes, separators);
        }

        private void CloseLeaf()
        {
            var leaf = Leaf.Create(_count, _keyBytes);
            var from = 0;
            for (var i = 0; i < _count; i++)
            {
                Leaf.Append(leaf, i, from, _keys.AsSpan(from, _ends[i] - from), _values[i]);
                from = _ends[i];
            }

            _nodes.Add(leaf);
            _tree.LeafBytes += leaf.Length;
            _count = 0;
            _keyBytes = 0;
        }
    }
}
