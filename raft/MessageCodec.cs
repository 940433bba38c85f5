using System.Buffers.Binary;

namespace RestKv.Raft;

/// <summary>
/// The binary form of a <see cref="Message"/>; layout and field table in DESIGN.md. Decoding is total: any bytes give a
/// message or a <see cref="MessageFault"/>, nothing throws, and nothing is allocated before every length has been checked
/// against the bytes that are there. Encoding asserts that only the fields of the kind are set.
/// </summary>
public static class MessageCodec
{
    public const byte Version = 1;

    /// <summary>Entries in one message, at most; far above what <see cref="RaftConfig.AppendEntriesMax"/> makes.</summary>
    public const int EntriesMax = 1 << 16;

    /// <summary>Terms, indexes and rounds beyond this are nonsense, and small enough to be added to without overflow.</summary>
    private const long NumberMax = 1L << 62;

    private const int HeaderBytes = 4 + (3 * sizeof(long));
    private const int EntryHeaderBytes = sizeof(long) + 1 + sizeof(int);

    /// <summary>Bytes that <see cref="Encode"/> will write.</summary>
    public static int Measure(in Message message)
    {
        var fields = MessageFields.Of(message.Kind);
        var length = HeaderBytes + (sizeof(long) * MessageFields.CountNumbers(fields));
        if ((fields & MessageFields.Entries) != 0)
        {
            length += sizeof(int);
            foreach (var entry in message.Entries ?? [])
            {
                length = checked(length + EntryHeaderBytes + entry.Payload.Length);
            }
        }

        return length;
    }

    /// <summary>Writes the message; <paramref name="into"/> must hold <see cref="Measure"/> bytes. Returns their number.</summary>
    public static int Encode(in Message message, Span<byte> into)
    {
        var fields = MessageFields.Of(message.Kind);
        Invariant.Check(message.Kind != MessageKind.None);
        Invariant.Check(MessageFields.UsesOnly(message, fields));
        into[0] = Version;
        into[1] = (byte)message.Kind;
        into[2] = (byte)((message.Reject ? 1 : 0) | (message.Transfer ? 2 : 0));
        into[3] = 0;
        var offset = 4;
        Put(into, ref offset, message.From.Value);
        Put(into, ref offset, message.To.Value);
        Put(into, ref offset, message.Term.Value);
        PutIf(fields & MessageFields.Index, into, ref offset, message.Index.Value);
        PutIf(fields & MessageFields.LogTerm, into, ref offset, message.LogTerm.Value);
        PutIf(fields & MessageFields.Commit, into, ref offset, message.Commit.Value);
        PutIf(fields & MessageFields.Hint, into, ref offset, message.HintIndex.Value);
        PutIf(fields & MessageFields.Hint, into, ref offset, message.HintTerm.Value);
        PutIf(fields & MessageFields.Round, into, ref offset, message.Round.Value);
        PutIf(fields & MessageFields.Held, into, ref offset, message.Held.Value);
        if ((fields & MessageFields.Entries) != 0)
        {
            PutEntries(into, ref offset, message);
        }

        return offset;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote; on anything else says what is wrong with it.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out Message message, out MessageFault fault)
    {
        message = default;
        if (bytes.Length < HeaderBytes)
        {
            fault = MessageFault.Truncated;
            return false;
        }

        if (bytes[0] != Version)
        {
            fault = MessageFault.UnknownVersion;
            return false;
        }

        var kind = (MessageKind)bytes[1];
        var fields = MessageFields.Of(kind);
        if (kind is MessageKind.None or > MessageKind.ForwardReply)
        {
            fault = MessageFault.UnknownKind;
            return false;
        }

        if (bytes.Length < HeaderBytes + (sizeof(long) * MessageFields.CountNumbers(fields)))
        {
            fault = MessageFault.Truncated;
            return false;
        }

        var offset = 4;
        var decoded = new Message
        {
            Kind = kind,
            Reject = (bytes[2] & 1) != 0,
            Transfer = (bytes[2] & 2) != 0,
            From = new NodeId(Take(bytes, ref offset)),
            To = new NodeId(Take(bytes, ref offset)),
            Term = new Term(Take(bytes, ref offset)),
            Index = new LogIndex(TakeIf(fields & MessageFields.Index, bytes, ref offset)),
            LogTerm = new Term(TakeIf(fields & MessageFields.LogTerm, bytes, ref offset)),
            Commit = new LogIndex(TakeIf(fields & MessageFields.Commit, bytes, ref offset)),
            HintIndex = new LogIndex(TakeIf(fields & MessageFields.Hint, bytes, ref offset)),
            HintTerm = new Term(TakeIf(fields & MessageFields.Hint, bytes, ref offset)),
            Round = new ReadId(TakeIf(fields & MessageFields.Round, bytes, ref offset)),
            Held = new LogIndex(TakeIf(fields & MessageFields.Held, bytes, ref offset)),
        };
        fault = bytes[2] > 3 || bytes[3] != 0 ? MessageFault.BadField : CheckFields(decoded, fields);
        if (fault == MessageFault.None && (fields & MessageFields.Entries) != 0)
        {
            fault = TakeEntries(bytes[offset..], decoded, out var entries);
            decoded = decoded with { Entries = entries };
        }
        else if (fault == MessageFault.None && offset != bytes.Length)
        {
            fault = MessageFault.TrailingBytes;
        }

        message = fault == MessageFault.None ? decoded : default;
        return fault == MessageFault.None;
    }

    private static MessageFault CheckFields(in Message message, int fields)
    {
        var sane = IsNumber(message.Term.Value) && IsNumber(message.Index.Value) && IsNumber(message.LogTerm.Value)
            && IsNumber(message.Commit.Value) && IsNumber(message.HintIndex.Value) && IsNumber(message.HintTerm.Value)
            && IsNumber(message.Round.Value) && IsNumber(message.Held.Value) && !message.From.IsNone && !message.To.IsNone
            && MessageFields.UsesOnly(message, fields);

        // Only the place before the log has no term.
        var placed = (fields & MessageFields.LogTerm) == 0 || message.Index.Value == 0 == (message.LogTerm.Value == 0);
        return sane && placed && message.LogTerm <= message.Term ? MessageFault.None : MessageFault.BadField;
    }

    private static bool IsNumber(long value) => value is >= 0 and <= NumberMax;

    private static void PutEntries(Span<byte> into, ref int offset, in Message message)
    {
        var entries = message.Entries ?? [];
        Invariant.Check(entries.Count <= EntriesMax);
        BinaryPrimitives.WriteInt32LittleEndian(into[offset..], entries.Count);
        offset += sizeof(int);
        for (var i = 0; i < entries.Count; i++)
        {
            // Indexes follow from the place before the first entry.
            var entry = entries[i];
            Invariant.Check(entry.Index.Value == message.Index.Value + 1 + i);
            Put(into, ref offset, entry.Term.Value);
            into[offset++] = (byte)entry.Kind;
            BinaryPrimitives.WriteInt32LittleEndian(into[offset..], entry.Payload.Length);
            offset += sizeof(int);
            entry.Payload.Span.CopyTo(into[offset..]);
            offset += entry.Payload.Length;
        }
    }

    private static MessageFault TakeEntries(ReadOnlySpan<byte> bytes, in Message message, out Entry[] entries)
    {
        // 1. Walk over everything without keeping anything.
        entries = [];
        var fault = CheckEntries(bytes, message, out var count, out var payloadBytes);
        if (fault != MessageFault.None || count == 0)
        {
            return fault;
        }

        // 2. Two allocations a message: the entries, and one array that all payloads are views of.
        entries = new Entry[count];
        var payloads = new byte[payloadBytes];
        var offset = sizeof(int);
        var used = 0;
        for (var i = 0; i < count; i++)
        {
            var term = new Term(Take(bytes, ref offset));
            var kind = (EntryKind)bytes[offset];
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[(offset + 1)..]);
            offset += 1 + sizeof(int);
            bytes.Slice(offset, length).CopyTo(payloads.AsSpan(used));
            entries[i] = new Entry(
                new LogIndex(message.Index.Value + 1 + i), term, kind, payloads.AsMemory(used, length));
            offset += length;
            used += length;
        }

        return MessageFault.None;
    }

    private static MessageFault CheckEntries(
        ReadOnlySpan<byte> bytes, in Message message, out int count, out int payloadBytes)
    {
        count = 0;
        payloadBytes = 0;
        if (bytes.Length < sizeof(int))
        {
            return MessageFault.Truncated;
        }

        count = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        var isForward = message.Kind == MessageKind.Forward;
        if (count is < 0 or > EntriesMax || message.Commit.Value > message.Index.Value + count || (isForward && count != 1))
        {
            return MessageFault.BadField;
        }

        var rest = bytes[sizeof(int)..];
        var previous = message.LogTerm.Value;
        for (var i = 0; i < count; i++)
        {
            if (rest.Length < EntryHeaderBytes)
            {
                return MessageFault.Truncated;
            }

            var term = BinaryPrimitives.ReadInt64LittleEndian(rest);
            var kind = (EntryKind)rest[sizeof(long)];
            var length = BinaryPrimitives.ReadInt32LittleEndian(rest[(sizeof(long) + 1)..]);
            if (length < 0 || length > rest.Length - EntryHeaderBytes)
            {
                return MessageFault.Truncated;
            }

            // Terms never fall along a log and never pass the sender's.
            if (term < Math.Max(previous, 1) || term > message.Term.Value || (isForward && kind != EntryKind.Command)
                || !IsPayload(kind, rest.Slice(EntryHeaderBytes, length)))
            {
                return MessageFault.BadField;
            }

            previous = term;
            payloadBytes += length;
            rest = rest[(EntryHeaderBytes + length)..];
        }

        return rest.IsEmpty ? MessageFault.None : MessageFault.TrailingBytes;
    }

    private static bool IsPayload(EntryKind kind, ReadOnlySpan<byte> payload) => kind switch
    {
        EntryKind.Noop => payload.IsEmpty,
        EntryKind.Command => true,
        EntryKind.Membership => Membership.TryDecode(payload, out _),
        _ => false,
    };

    private static void Put(Span<byte> into, ref int offset, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(into[offset..], value);
        offset += sizeof(long);
    }

    private static void PutIf(int condition, Span<byte> into, ref int offset, long value)
    {
        if (condition != 0)
        {
            Put(into, ref offset, value);
        }
    }

    private static long Take(ReadOnlySpan<byte> bytes, ref int offset)
    {
        var value = BinaryPrimitives.ReadInt64LittleEndian(bytes[offset..]);
        offset += sizeof(long);
        return value;
    }

    private static long TakeIf(int condition, ReadOnlySpan<byte> bytes, ref int offset) =>
        condition != 0 ? Take(bytes, ref offset) : 0;
}
