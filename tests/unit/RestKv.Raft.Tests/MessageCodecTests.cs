using RestKv.Raft.Tests.Support;

namespace RestKv.Raft.Tests;

/// <summary>The wire form: what is written is read again, and nothing else is ever read.</summary>
public sealed class MessageCodecTests
{
    private const int Rounds = 4000;

    public static TheoryData<MessageKind> Kinds => [.. Enum.GetValues<MessageKind>().Where(kind => kind != MessageKind.None)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_comes_back_as_it_was(MessageKind kind)
    {
        var random = new SplitMix64((ulong)kind);
        for (var round = 0; round < 200; round++)
        {
            var message = Sample(kind, random);

            var bytes = Encode(message);

            Assert.True(MessageCodec.TryDecode(bytes, out var decoded, out var fault), fault.ToString());
            AssertSame(message, decoded);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_prefix_and_every_longer_form_is_refused(MessageKind kind)
    {
        var bytes = Encode(Sample(kind, new SplitMix64(7)));

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(MessageCodec.TryDecode(bytes.AsSpan(0, length), out var message, out var fault));
            Assert.NotEqual(MessageFault.None, fault);
            Assert.Equal(default, message);
        }

        Assert.False(MessageCodec.TryDecode([.. bytes, 0], out _, out _));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Flipped_bits_give_a_fault_or_a_message_that_encodes_to_the_same_bytes(MessageKind kind)
    {
        var bytes = Encode(Sample(kind, new SplitMix64(9)));

        for (var bit = 0; bit < 8 * bytes.Length; bit++)
        {
            var flipped = bytes.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            if (MessageCodec.TryDecode(flipped, out var message, out _))
            {
                Assert.Equal(flipped, Encode(message));
            }
        }
    }

    [Fact]
    public void Garbage_never_throws_and_never_passes_unless_it_is_canonical()
    {
        var random = new SplitMix64(11);
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = new byte[random.Next(200)];
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)random.Next(256);
            }

            if (bytes.Length > 4)
            {
                // Past the first gates more often than chance would allow.
                bytes[0] = MessageCodec.Version;
                bytes[1] = (byte)(1 + random.Next(15));
                bytes[2] &= 3;
                bytes[3] = 0;
            }

            if (MessageCodec.TryDecode(bytes, out var message, out _))
            {
                Assert.Equal(bytes, Encode(message));
            }
        }
    }

    [Fact]
    public void Mutated_appends_never_throw()
    {
        var random = new SplitMix64(13);
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = Encode(Sample(MessageKind.Append, random));
            for (var change = 1 + random.Next(4); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)255 : (byte)random.Next(256);
            }

            if (MessageCodec.TryDecode(bytes, out var message, out _))
            {
                Assert.Equal(bytes, Encode(message));
            }
        }
    }

    [Fact]
    public void Claimed_lengths_are_checked_before_anything_is_allocated()
    {
        var bytes = Encode(new Message
        {
            Kind = MessageKind.Append,
            From = new NodeId(1),
            To = new NodeId(2),
            Term = new Term(1),
            Entries = [new Entry(new LogIndex(1), new Term(1), EntryKind.Command, new byte[8])],
        });
        var countOffset = bytes.Length - 8 - 4 - 1 - 8 - 4;
        var lengthOffset = bytes.Length - 8 - 4;

        var manyEntries = bytes.ToArray();
        BitConverter.TryWriteBytes(manyEntries.AsSpan(countOffset), MessageCodec.EntriesMax);
        var longPayload = bytes.ToArray();
        BitConverter.TryWriteBytes(longPayload.AsSpan(lengthOffset), int.MaxValue);
        var negative = bytes.ToArray();
        BitConverter.TryWriteBytes(negative.AsSpan(lengthOffset), -1);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var accepted = MessageCodec.TryDecode(manyEntries, out _, out var first)
            | MessageCodec.TryDecode(longPayload, out _, out var second)
            | MessageCodec.TryDecode(negative, out _, out var third);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.False(accepted);
        Assert.Equal([MessageFault.Truncated, MessageFault.Truncated, MessageFault.Truncated], [first, second, third]);
        Assert.True(allocated < 1024, $"{allocated} bytes for nothing");
    }

    [Fact]
    public void Each_rule_of_the_table_has_its_fault()
    {
        var good = new Message
        {
            Kind = MessageKind.Append,
            From = new NodeId(1),
            To = new NodeId(2),
            Term = new Term(5),
            Index = new LogIndex(3),
            LogTerm = new Term(2),
            Commit = new LogIndex(4),
            Entries = [new Entry(new LogIndex(4), new Term(3), EntryKind.Noop, default)],
        };

        Assert.Equal(MessageFault.None, FaultOf(good));
        Assert.Equal(MessageFault.BadField, FaultOf(good with { From = NodeId.None }));
        Assert.Equal(MessageFault.BadField, FaultOf(good with { To = NodeId.None }));
        Assert.Equal(MessageFault.BadField, FaultOf(good with { Term = new Term(-1) }));
        Assert.Equal(MessageFault.BadField, FaultOf(good with { Term = new Term(long.MaxValue) }));
        Assert.Equal(MessageFault.BadField, FaultOf(good with { LogTerm = new Term(6) }));
        Assert.Equal(MessageFault.BadField, FaultOf(good with { LogTerm = Term.Zero }));
        Assert.Equal(MessageFault.BadField, FaultOf(good with { LogTerm = new Term(4) }));
        Assert.Equal(MessageFault.BadField, FaultOf(good with { Commit = new LogIndex(5) }));
        Assert.Equal(MessageFault.BadField, FaultOf(With(new Term(6), EntryKind.Noop, [])));
        Assert.Equal(MessageFault.BadField, FaultOf(With(new Term(3), EntryKind.Noop, [1])));
        Assert.Equal(MessageFault.BadField, FaultOf(With(new Term(3), EntryKind.Membership, [1, 0])));
        Assert.Equal(MessageFault.BadField, FaultOf(With(new Term(3), (EntryKind)9, [])));
        Assert.Equal(MessageFault.UnknownKind, Fault(bytes => bytes[1] = 15));
        Assert.Equal(MessageFault.UnknownKind, Fault(bytes => bytes[1] = 0));
        Assert.Equal(MessageFault.UnknownVersion, Fault(bytes => bytes[0] = 2));
        Assert.Equal(MessageFault.BadField, Fault(bytes => bytes[2] = 1));
        Assert.Equal(MessageFault.BadField, Fault(bytes => bytes[2] = 4));
        Assert.Equal(MessageFault.BadField, Fault(bytes => bytes[3] = 1));

        Message With(Term term, EntryKind kind, byte[] payload) =>
            good with { Entries = [new Entry(new LogIndex(4), term, kind, payload)] };

        MessageFault Fault(Action<byte[]> change)
        {
            var bytes = Encode(good);
            change(bytes);
            MessageCodec.TryDecode(bytes, out _, out var fault);
            return fault;
        }

        static MessageFault FaultOf(Message message)
        {
            MessageCodec.TryDecode(Encode(message), out _, out var fault);
            return fault;
        }
    }

    [Fact]
    public void A_forward_holds_exactly_one_command()
    {
        var command = new Entry(new LogIndex(1), new Term(5), EntryKind.Command, Group.Bytes("x"));

        Assert.Equal(MessageFault.None, FaultOf([command]));
        Assert.Equal(MessageFault.BadField, FaultOf([]));
        Assert.Equal(MessageFault.BadField, FaultOf([command, command with { Index = new LogIndex(2) }]));
        Assert.Equal(MessageFault.BadField, FaultOf([new Entry(new LogIndex(1), new Term(5), EntryKind.Noop, default)]));
        Assert.Equal(MessageFault.BadField, FaultOf([command with { Term = new Term(6) }]));

        static MessageFault FaultOf(Entry[] entries)
        {
            var message = new Message
            {
                Kind = MessageKind.Forward,
                From = new NodeId(1),
                To = new NodeId(2),
                Term = new Term(5),
                Round = new ReadId(7),
                Entries = entries,
            };
            MessageCodec.TryDecode(Encode(message), out _, out var fault);
            return fault;
        }
    }

    [Fact]
    public void Encoding_asserts_that_only_the_fields_of_the_kind_are_set()
    {
        var message = Sample(MessageKind.TimeoutNow, new SplitMix64(1));

        Assert.Throws<InvariantException>(() => Encode(message with { Round = new ReadId(1) }));
        Assert.Throws<InvariantException>(() => Encode(message with { Reject = true }));
        Assert.Throws<InvariantException>(() => Encode(message with { Kind = MessageKind.None }));
    }

    /// <summary>The wire is forever: these bytes are what version 1 is.</summary>
    [Fact]
    public void Version_1_is_these_bytes()
    {
        var bytes = Encode(new Message
        {
            Kind = MessageKind.Append,
            From = new NodeId(1),
            To = new NodeId(2),
            Term = new Term(3),
            Index = new LogIndex(4),
            LogTerm = new Term(2),
            Commit = new LogIndex(5),
            Held = new LogIndex(6),
            Entries = [new Entry(new LogIndex(5), new Term(3), EntryKind.Command, Group.Bytes("ab"))],
        });

        Assert.Equal(
            "01050000" + "0100000000000000" + "0200000000000000" + "0300000000000000" + "0400000000000000"
            + "0200000000000000" + "0500000000000000" + "0600000000000000" + "01000000" + "0300000000000000" + "01" + "02000000" + "6162",
            Convert.ToHexStringLower(bytes));
    }

    private static byte[] Encode(in Message message)
    {
        var bytes = new byte[MessageCodec.Measure(message)];
        Assert.Equal(bytes.Length, MessageCodec.Encode(message, bytes));
        return bytes;
    }

    private static Message Sample(MessageKind kind, SplitMix64 random)
    {
        var fields = MessageFields.Of(kind);
        var index = Has(MessageFields.Index) ? random.Next(1000) : 0;
        var term = 2 + random.Next(100);
        var logTerm = Has(MessageFields.LogTerm) && index > 0 ? 1 + random.Next(term) : 0;
        var entries = !Has(MessageFields.Entries) ? null
            : kind == MessageKind.Forward ? [new Entry(new LogIndex(1), new Term(term), EntryKind.Command, Group.Bytes("command"))]
            : Entries(random, index, Math.Max(logTerm, 1), term);
        return new Message
        {
            Kind = kind,
            From = new NodeId(1 + random.Next(9)),
            To = new NodeId(-1 - random.Next(9)),
            Term = new Term(term),
            Index = new LogIndex(index),
            LogTerm = new Term(logTerm),
            Commit = new LogIndex(Has(MessageFields.Commit) ? random.Next(index + (entries?.Length ?? 0) + 1) : 0),
            Held = new LogIndex(Has(MessageFields.Held) ? random.Next(100) : 0),
            HintIndex = new LogIndex(Has(MessageFields.Hint) ? random.Next(100) : 0),
            HintTerm = new Term(Has(MessageFields.Hint) ? random.Next(100) : 0),
            Round = new ReadId(Has(MessageFields.Round) ? (long)(random.Next() >> 2) : 0),
            Reject = Has(MessageFields.Reject) && random.Next(2) == 0,
            Transfer = Has(MessageFields.Transfer) && random.Next(2) == 0,
            Entries = entries,
        };

        bool Has(int field) => (fields & field) != 0;
    }

    private static Entry[] Entries(SplitMix64 random, long index, int lowest, int highest)
    {
        var entries = new Entry[random.Next(5)];
        for (var i = 0; i < entries.Length; i++)
        {
            lowest += random.Next(highest - lowest + 1);
            var kind = (EntryKind)random.Next(3);
            var payload = kind switch
            {
                EntryKind.Noop => [],
                EntryKind.Command => Group.Bytes(new string('x', random.Next(30))),
                _ => new Membership([new NodeId(1), new NodeId(3)], [new NodeId(2)]).Encode(),
            };
            entries[i] = new Entry(new LogIndex(index + 1 + i), new Term(lowest), kind, payload);
        }

        return entries;
    }

    private static void AssertSame(in Message expected, in Message actual)
    {
        Assert.Equal(expected with { Entries = null }, actual with { Entries = null });
        Assert.Equal(expected.Entries is null, actual.Entries is null);
        for (var i = 0; i < (expected.Entries?.Count ?? 0); i++)
        {
            var before = expected.Entries![i];
            var after = actual.Entries![i];
            Assert.Equal((before.Index, before.Term, before.Kind), (after.Index, after.Term, after.Kind));
            Assert.Equal(before.Payload.ToArray(), after.Payload.ToArray());
        }
    }
}
