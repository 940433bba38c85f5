using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RestKv.Core.Mvcc;

/// <summary>
/// An inner node of <see cref="PackedTree"/>. Child <c>i</c> holds the keys from separator <c>i - 1</c> (inclusive) to
/// separator <c>i</c> (exclusive). A slot of <see cref="Children"/> may be replaced at any time by a node that covers the
/// same interval; separators and the number of children change only in nodes that no reader can know (see the stamp).
/// </summary>
internal sealed class InnerNode(long stamp, int level, object[] children, byte[] separators)
{
    /// <summary>
    /// Equal to the tree's stamp, in this node and all above it, when the node came to be after the last freeze and hangs
    /// under nodes of which the same is true; then nobody else can reach it.
    /// </summary>
    public readonly long Stamp = stamp;

    /// <summary>1 when the children are leaves.</summary>
    public readonly int Level = level;

    /// <summary>Leaves (<c>byte[]</c>) or inner nodes. The array itself is never resized nor shifted.</summary>
    public object[] Children = children;

    /// <summary><c>ends i32 × (children - 1) | bytes</c>.</summary>
    public byte[] Separators = separators;

    public object Child(int slot) => Volatile.Read(ref Children[slot]);

    public void SetChild(int slot, object child) => Volatile.Write(ref Children[slot], child);

    /// <summary>The slot whose interval holds the key: the number of separators at or below it.</summary>
    public int Find(ReadOnlySpan<byte> key)
    {
        var count = Children.Length - 1;
        var bytes = Separators.AsSpan(count * sizeof(int));
        ref var ends = ref Unsafe.As<byte, int>(ref MemoryMarshal.GetArrayDataReference(Separators));
        var low = 0;
        var high = count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            var from = middle == 0 ? 0 : Unsafe.Add(ref ends, middle - 1);
            if (bytes[from..Unsafe.Add(ref ends, middle)].SequenceCompareTo(key) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    public ReadOnlySpan<byte> Separator(int index) => SeparatorPack.Get(Separators, Children.Length - 1, index);
}
