using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Core.Watch;

/// <summary>
/// Intervals of keys by balanced tree (AVL), each node knowing the highest end below it (Cormen et al., "Introduction to
/// Algorithms", interval trees). Recursion goes as deep as the tree, 1.44 times the logarithm of its size. One owner.
/// </summary>
internal sealed class IntervalTree<T>
    where T : class
{
    private readonly List<Node> _stack = [];
    private Node? _root;

    public T? Find(in KeyRange range)
    {
        var node = _root;
        while (node is not null)
        {
            var order = Compare(range, node.Range);
            if (order == 0)
            {
                return node.Value;
            }

            node = order < 0 ? node.Left : node.Right;
        }

        return null;
    }

    /// <summary>Adds an interval that is not in the tree.</summary>
    public void Add(in KeyRange range, T value)
    {
        Invariant.Check(range.Kind != KeyRangeKind.Single && !range.IsEmpty);
        _root = Insert(_root, new Node(range, value));
    }

    public bool Remove(in KeyRange range)
    {
        if (Find(range) is null)
        {
            return false;
        }

        _root = Delete(_root, range);
        return true;
    }

    /// <summary>Adds the values of all intervals that contain the key.</summary>
    public void Stab(ReadOnlySpan<byte> key, List<T> into)
    {
        if (_root is null)
        {
            return;
        }

        _stack.Clear();
        _stack.Add(_root);
        while (_stack.Count > 0)
        {
            var node = _stack[^1];
            _stack.RemoveAt(_stack.Count - 1);
            if (!ReachesBeyond(node.Highest, key))
            {
                continue;
            }

            if (node.Left is not null)
            {
                _stack.Add(node.Left);
            }

            if (node.Range.Start.Span.SequenceCompareTo(key) > 0)
            {
                continue;
            }

            if (ReachesBeyond(node.Range, key))
            {
                into.Add(node.Value);
            }

            if (node.Right is not null)
            {
                _stack.Add(node.Right);
            }
        }
    }

    /// <summary>Asserts order, balance and the highest ends; for tests.</summary>
    public void CheckShape() => CheckShape(_root, null, null);

    private static Node Insert(Node? node, Node made)
    {
        if (node is null)
        {
            return made;
        }

        var order = Compare(made.Range, node.Range);
        Invariant.Check(order != 0);
        if (order < 0)
        {
            node.Left = Insert(node.Left, made);
        }
        else
        {
            node.Right = Insert(node.Right, made);
        }

        return Balance(node);
    }

    private static Node? Delete(Node? node, in KeyRange range)
    {
        Invariant.Check(node is not null);
        var order = Compare(range, node.Range);
        if (order == 0)
        {
            return DeleteHere(node);
        }

        if (order < 0)
        {
            node.Left = Delete(node.Left, range);
        }
        else
        {
            node.Right = Delete(node.Right, range);
        }

        return Balance(node);
    }

    private static Node? DeleteHere(Node node)
    {
        if (node.Left is null)
        {
            return node.Right;
        }

        if (node.Right is null)
        {
            return node.Left;
        }

        var successor = node.Right;
        while (successor.Left is not null)
        {
            successor = successor.Left;
        }

        successor.Right = Delete(node.Right, successor.Range);
        successor.Left = node.Left;
        return Balance(successor);
    }

    private static Node Balance(Node node)
    {
        Update(node);
        var lean = HeightOf(node.Left) - HeightOf(node.Right);
        if (lean > 1)
        {
            var left = Invariant.NotNull(node.Left);
            if (HeightOf(left.Left) < HeightOf(left.Right))
            {
                node.Left = RotateLeft(left);
            }

            return RotateRight(node);
        }

        if (lean < -1)
        {
            var right = Invariant.NotNull(node.Right);
            if (HeightOf(right.Right) < HeightOf(right.Left))
            {
                node.Right = RotateRight(right);
            }

            return RotateLeft(node);
        }

        return node;
    }

    private static Node RotateLeft(Node node)
    {
        var top = Invariant.NotNull(node.Right);
        node.Right = top.Left;
        top.Left = node;
        Update(node);
        Update(top);
        return top;
    }

    private static Node RotateRight(Node node)
    {
        var top = Invariant.NotNull(node.Left);
        node.Left = top.Right;
        top.Right = node;
        Update(node);
        Update(top);
        return top;
    }

    private static void Update(Node node)
    {
        node.Height = 1 + Math.Max(HeightOf(node.Left), HeightOf(node.Right));
        node.Highest = node.Range;
        if (node.Left is not null)
        {
            node.Highest = Higher(node.Highest, node.Left.Highest);
        }

        if (node.Right is not null)
        {
            node.Highest = Higher(node.Highest, node.Right.Highest);
        }
    }

    private static int HeightOf(Node? node) => node?.Height ?? 0;

    private static bool ReachesBeyond(in KeyRange range, ReadOnlySpan<byte> key) =>
        range.Kind == KeyRangeKind.From || key.SequenceCompareTo(range.End.Span) < 0;

    private static KeyRange Higher(in KeyRange left, in KeyRange right) => CompareEnds(left, right) >= 0 ? left : right;

    private static int Compare(in KeyRange left, in KeyRange right)
    {
        var order = left.Start.Span.SequenceCompareTo(right.Start.Span);
        return order != 0 ? order : CompareEnds(left, right);
    }

    private static int CompareEnds(in KeyRange left, in KeyRange right) => (left.Kind, right.Kind) switch
    {
        (KeyRangeKind.From, KeyRangeKind.From) => 0,
        (KeyRangeKind.From, _) => 1,
        (_, KeyRangeKind.From) => -1,
        _ => left.End.Span.SequenceCompareTo(right.End.Span),
    };

    private static void CheckShape(Node? node, Node? above, Node? below)
    {
        if (node is null)
        {
            return;
        }

        Invariant.Check(above is null || Compare(node.Range, above.Range) > 0);
        Invariant.Check(below is null || Compare(node.Range, below.Range) < 0);
        Invariant.Check(Math.Abs(HeightOf(node.Left) - HeightOf(node.Right)) <= 1);
        var (height, highest) = (node.Height, node.Highest);
        Update(node);
        Invariant.Check(height == node.Height && CompareEnds(highest, node.Highest) == 0);
        CheckShape(node.Left, above, node);
        CheckShape(node.Right, node, below);
    }

    private sealed class Node(in KeyRange range, T value)
    {
        public readonly KeyRange Range = range;
        public readonly T Value = value;
        public Node? Left;
        public Node? Right;
        public int Height = 1;

        /// <summary>The range with the highest end in this part of the tree.</summary>
        public KeyRange Highest = range;
    }
}
