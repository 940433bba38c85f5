namespace RestKv.LoadGen;

/// <summary>
/// Tells from header blocks (RFC 7541) whether answers are good, that is, of status 2xx. Servers name a status that is
/// not in the static table by its place in the dynamic one, so every block of a connection must pass through here, in
/// order. Owned by one connection.
/// </summary>
internal sealed class StatusReader
{
    private const int FirstStatus = 8;
    private const int LastStatus = 14;
    private const int EntryOverhead = 32;
    private const int TableBytesDefault = 4096;

    // Lengths of the names of the static table: an entry's size decides what it pushes out.
    private static readonly byte[] StaticNameBytes =
    [
        0, 10, 7, 7, 5, 5, 7, 7, 7, 7, 7, 7, 7, 7, 7, 14, 15, 15, 13, 6, 27, 3, 5, 13, 13, 19, 16, 16, 14, 16, 13, 12, 6, 4,
        4, 6, 7, 4, 4, 8, 17, 13, 8, 19, 13, 4, 8, 12, 18, 19, 5, 7, 7, 11, 6, 10, 25, 17, 10, 4, 3, 16,
    ];

    // The newest entry is the last.
    private readonly List<Entry> _table = [];
    private int _tableBytes;
    private int _tableBytesMax = TableBytesDefault;

    /// <returns>True when the block holds a status and it is 2xx.</returns>
    public bool IsGood(ReadOnlySpan<byte> block)
    {
        var isGood = false;
        while (block.Length > 0)
        {
            var first = block[0];
            if ((first & 0x80) != 0)
            {
                isGood |= IsGoodStatus(Number(ref block, 7));
            }
            else if ((first & 0x40) != 0)
            {
                var entry = Literal(ref block, 6);
                isGood |= entry.IsGoodStatus;
                Add(entry);
            }
            else if ((first & 0x20) != 0)
            {
                _tableBytesMax = Number(ref block, 5);
                Shrink();
            }
            else
            {
                isGood |= Literal(ref block, 4).IsGoodStatus;
            }
        }

        return isGood;
    }

    /// <summary>200, 204 and 206 are the good ones among the seven of the static table.</summary>
    private bool IsGoodStatus(int place) => place switch
    {
        FirstStatus or FirstStatus + 1 or FirstStatus + 2 => true,
        _ when place < StaticNameBytes.Length => false,
        _ => Dynamic(place).IsGoodStatus,
    };

    private Entry Literal(ref ReadOnlySpan<byte> block, int prefixBits)
    {
        var name = Number(ref block, prefixBits);
        var isStatus = name is >= FirstStatus and <= LastStatus;
        int nameBytes;
        if (name == 0)
        {
            var text = Text(ref block);
            (isStatus, nameBytes) = (text.SequenceEqual(":status"u8), text.Length);
        }
        else if (name < StaticNameBytes.Length)
        {
            nameBytes = StaticNameBytes[name];
        }
        else
        {
            (isStatus, nameBytes) = (Dynamic(name).IsStatus, Dynamic(name).NameBytes);
        }

        var value = Text(ref block);
        return new Entry(
            nameBytes, nameBytes + value.Length + EntryOverhead, isStatus, isStatus && value.Length == 3 && value[0] == '2');
    }

    private Entry Dynamic(int place)
    {
        var at = _table.Count - 1 - (place - StaticNameBytes.Length);
        return (uint)at < (uint)_table.Count ? _table[at] : throw new InvalidDataException($"no header {place}");
    }

    private void Add(Entry entry)
    {
        _table.Add(entry);
        _tableBytes += entry.Bytes;
        Shrink();
    }

    private void Shrink()
    {
        var gone = 0;
        for (; _tableBytes > _tableBytesMax; gone++)
        {
            _tableBytes -= _table[gone].Bytes;
        }

        _table.RemoveRange(0, gone);
    }

    private static ReadOnlySpan<byte> Text(ref ReadOnlySpan<byte> block)
    {
        if ((block[0] & 0x80) != 0)
        {
            throw new InvalidDataException("the server compresses header text, which this client does not read");
        }

        var length = Number(ref block, 7);
        var text = block[..length];
        block = block[length..];
        return text;
    }

    private static int Number(ref ReadOnlySpan<byte> block, int prefixBits)
    {
        var limit = (1 << prefixBits) - 1;
        var number = block[0] & limit;
        var at = 1;
        if (number == limit)
        {
            for (var shift = 0; ; shift += 7)
            {
                var next = block[at++];
                number += (next & 0x7F) << shift;
                if ((next & 0x80) == 0)
                {
                    break;
                }
            }
        }

        block = block[at..];
        return number;
    }

    private readonly record struct Entry(int NameBytes, int Bytes, bool IsStatus, bool IsGoodStatus);
}
