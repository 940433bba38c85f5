using RestKv.Api.Peers;
using RestKv.Raft;

namespace RestKv.Api.Tests.Peers;

/// <summary>Frames survive any cut of the connection into pieces, and nothing but whole and intact ones come out.</summary>
public sealed class PeerFrameTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    [InlineData(int.MaxValue)]
    public async Task Frames_come_out_as_they_went_in_however_the_bytes_arrive(int pieceBytes)
    {
        var payloads = Enumerable.Range(0, 40).Select(number => Bytes(number, 1 + (number * number * 97 % 9000))).ToArray();
        var reader = new PeerFrameReader(new Pieces(Written(payloads), pieceBytes));

        foreach (var payload in payloads)
        {
            Assert.True(await reader.ReadAsync(CancellationToken.None));
            Assert.Equal(payload, reader.Payload.ToArray());
            Assert.Equal(PeerFrame.HeadBytes + payload.Length, reader.FrameBytes);
        }

        Assert.False(await reader.ReadAsync(CancellationToken.None));
        Assert.Equal(PeerFault.None, reader.Fault);
    }

    [Fact]
    public async Task A_frame_much_larger_than_the_buffer_comes_through_and_the_next_one_too()
    {
        var large = Bytes(1, 9 << 20);
        var reader = new PeerFrameReader(new Pieces(Written([Bytes(0, 10), large, Bytes(2, 20)]), 1 << 20));

        Assert.True(await reader.ReadAsync(CancellationToken.None));
        Assert.True(await reader.ReadAsync(CancellationToken.None));
        Assert.Equal(large, reader.Payload.ToArray());
        Assert.True(await reader.ReadAsync(CancellationToken.None));
        Assert.Equal(Bytes(2, 20), reader.Payload.ToArray());
    }

    [Fact]
    public async Task Every_flipped_bit_is_noticed()
    {
        var whole = Written([Bytes(0, 50)]);
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var damaged = whole.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            var reader = new PeerFrameReader(new Pieces(damaged, int.MaxValue));

            Assert.False(await reader.ReadAsync(CancellationToken.None), $"bit {bit}");
            Assert.NotEqual(PeerFault.None, reader.Fault);
        }
    }

    [Fact]
    public async Task A_connection_that_ends_inside_a_frame_is_cut_off_and_no_garbage()
    {
        var whole = Written([Bytes(0, 50)]);
        for (var length = 1; length < whole.Length; length++)
        {
            var reader = new PeerFrameReader(new Pieces(whole[..length], int.MaxValue));

            Assert.False(await reader.ReadAsync(CancellationToken.None));
            Assert.Equal(PeerFault.EndedInFrame, reader.Fault);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(PeerFrame.PayloadBytesMax + 1)]
    [InlineData(int.MaxValue)]
    public async Task A_length_that_no_member_writes_is_refused_before_anything_is_kept_for_it(int length)
    {
        var reader = new PeerFrameReader(new Pieces([.. BitConverter.GetBytes(length), 1, 2, 3, 4, 5, 6], int.MaxValue));

        Assert.False(await reader.ReadAsync(CancellationToken.None));
        Assert.Equal(PeerFault.BadLength, reader.Fault);
    }

    [Fact]
    public async Task An_announced_length_takes_no_memory_before_its_bytes_come()
    {
        var head = new byte[PeerFrame.HeadBytes];
        BitConverter.TryWriteBytes(head, PeerFrame.PayloadBytesMax);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var reader = new PeerFrameReader(new Pieces(head, int.MaxValue));

        Assert.False(await reader.ReadAsync(CancellationToken.None));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public async Task What_a_message_holds_outlives_the_buffer_it_came_in()
    {
        var first = Append("first");
        var reader = new PeerFrameReader(new Pieces(Written(first, Append("later")), int.MaxValue));
        await reader.ReadAsync(CancellationToken.None);

        Assert.True(MessageCodec.TryDecode(reader.Payload, out var message, out _));
        await reader.ReadAsync(CancellationToken.None);
        Assert.True(MessageCodec.TryDecode(reader.Payload, out _, out _));

        Assert.Equal("first"u8.ToArray(), message.Entries![0].Payload.ToArray());
    }

    [Fact]
    public void A_message_that_no_reader_takes_is_not_written()
    {
        var frames = new PeerFrameWriter();

        Assert.False(frames.TryAdd(Append(new string('x', PeerFrame.PayloadBytesMax))));
        Assert.Equal(0, frames.Written.Length);
    }

    private static Message Append(string text) => new()
    {
        Kind = MessageKind.Append,
        From = new NodeId(1),
        To = new NodeId(2),
        Term = new Term(3),
        Entries = [new Entry(new LogIndex(1), new Term(3), EntryKind.Command, System.Text.Encoding.UTF8.GetBytes(text))],
    };

    private static byte[] Written(params Message[] messages)
    {
        var frames = new PeerFrameWriter();
        foreach (var message in messages)
        {
            Assert.True(frames.TryAdd(message));
        }

        return frames.Written.ToArray();
    }

    private static byte[] Written(byte[][] payloads)
    {
        var frames = new PeerFrameWriter();
        foreach (var payload in payloads)
        {
            frames.Add(payload);
        }

        return frames.Written.ToArray();
    }

    private static byte[] Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Gives at most so many bytes at a time.</summary>
    private sealed class Pieces(byte[] bytes, int pieceBytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, pieceBytes)], cancellationToken);
    }
}
