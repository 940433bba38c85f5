using System.Buffers.Binary;

namespace RestKv.Core.Mvcc;

/// <summary>
/// Sorts items by byte keys that lie scattered in memory. Comparing whole keys would wait for memory at every step; so eight
/// bytes of every key are gathered, sorted as numbers, and only items that are still equal look at their next eight.
/// </summary>
internal static class KeySort
{
    private const int BytesAStep = sizeof(ulong);

    public delegate ReadOnlySpan<byte> KeyOf(int item);

    /// <summary>The items 0 … count - 1 by key; items with equal keys in ascending order.</summary>
    public static int[] Sort(int count, KeyOf keyOf)
    {
        var items = new int[count];
        for (var i = 0; i < count; i++)
        {
            items[i] = i;
        }

        // Spans of items that agree in all bytes before the depth. A stack, since keys may agree in 64 KiB of them.
        var prefixes = new ulong[count];
        var spans = new Stack<(int From, int To, int Depth)>();
        spans.Push((0, count, 0));
        while (spans.TryPop(out var span))
        {
            var depth = SkipCommon(items.AsSpan(span.From, span.To - span.From), span.Depth, keyOf);
            Gather(items, prefixes, span.From, span.To, depth, keyOf);
            Array.Sort(prefixes, items, span.From, span.To - span.From);
            for (var from = span.From; from < span.To;)
            {
                var to = from + 1;
                while (to < span.To && prefixes[to] == prefixes[from])
                {
                    to++;
                }

                if (to - from > 1)
                {
                    var tied = SeparateEnded(items.AsSpan(from, to - from), depth + BytesAStep, keyOf);
                    if (to - from - tied > 1)
                    {
                        spans.Push((from + tied, to, depth + BytesAStep));
                    }
                }

                from = to;
            }
        }

        return items;
    }

    /// <summary>Keys like paths agree in much more than eight bytes: sorting by those would order nothing.</summary>
    private static int SkipCommon(ReadOnlySpan<int> items, int depth, KeyOf keyOf)
    {
        if (items.Length == 0)
        {
            return depth;
        }

        var common = keyOf(items[0])[depth..];
        for (var i = 1; i < items.Length && common.Length > 0; i++)
        {
            common = common[..common.CommonPrefixLength(keyOf(items[i])[depth..])];
        }

        return depth + common.Length;
    }

    private static void Gather(int[] items, ulong[] prefixes, int from, int to, int depth, KeyOf keyOf)
    {
        Span<byte> padded = stackalloc byte[BytesAStep];
        for (var i = from; i < to; i++)
        {
            var rest = keyOf(items[i])[depth..];
            if (rest.Length >= BytesAStep)
            {
                prefixes[i] = BinaryPrimitives.ReadUInt64BigEndian(rest);
                continue;
            }

            padded.Clear();
            rest.CopyTo(padded);
            prefixes[i] = BinaryPrimitives.ReadUInt64BigEndian(padded);
        }
    }

    /// <summary>
    /// Of items whose keys agree up to the depth, padding with zeros included, puts those first that end there: by length,
    /// then by number. Returns how many they are.
    /// </summary>
    private static int SeparateEnded(Span<int> items, int depth, KeyOf keyOf)
    {
        var ended = 0;
        for (var i = 0; i < items.Length; i++)
        {
            if (keyOf(items[i]).Length <= depth)
            {
                (items[ended], items[i]) = (items[i], items[ended]);
                ended++;
            }
        }

        items[..ended].Sort((x, y) =>
        {
            var order = keyOf(x).Length.CompareTo(keyOf(y).Length);
            return order != 0 ? order : x.CompareTo(y);
        });
        return ended;
    }
}
