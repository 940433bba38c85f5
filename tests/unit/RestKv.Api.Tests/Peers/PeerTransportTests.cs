using System.Net.Sockets;
using System.Text;
using RestKv.Api.Peers;
using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Storage;
using RestKv.Testing;

namespace RestKv.Api.Tests.Peers;

/// <summary>Two members over real connections: what is sent arrives, what breaks is noticed, and strangers stay outside.</summary>
public sealed class PeerTransportTests
{
    [Fact]
    public async Task Messages_arrive_whole_and_in_order_on_each_lane()
    {
        await using var one = new PeerRig(1);
        await using var two = new PeerRig(2);
        await ConnectAsync(one, two);

        for (var number = 1; number <= 200; number++)
        {
            one.Send(two, MessageKind.HeartbeatReply, number);
            one.Send(two, MessageKind.Append, number, Encoding.UTF8.GetBytes($"entry {number}"));
        }

        var rounds = new List<long>();
        var entries = new List<string>();
        while (rounds.Count + entries.Count < 400)
        {
            var message = (await two.NextAsync(ReplicaEventKind.Peer)).Message;
            if (message.Kind == MessageKind.HeartbeatReply)
            {
                rounds.Add(message.Round.Value);
            }
            else
            {
                entries.Add(Encoding.UTF8.GetString(message.Entries![0].Payload.Span));
            }
        }

        Assert.Equal(Enumerable.Range(1, 200).Select(number => (long)number), rounds);
        Assert.Equal(Enumerable.Range(1, 200).Select(number => $"entry {number}"), entries);
        Assert.True(one.Net.CountersOf(two.Member).MessagesSent >= 400);
        Assert.Equal(400, two.Net.CountersOf(one.Member).MessagesReceived);
    }

    [Fact]
    public async Task A_large_entry_arrives_and_heartbeats_meanwhile()
    {
        await using var one = new PeerRig(1);
        await using var two = new PeerRig(2);
        await ConnectAsync(one, two);
        var large = new byte[20 << 20];
        new Random(7).NextBytes(large);

        one.Send(two, MessageKind.Append, 1, large);
        one.Send(two, MessageKind.HeartbeatReply, 5);

        var kinds = new List<MessageKind>();
        var received = Array.Empty<byte>();
        while (kinds.Count < 2)
        {
            var message = (await two.NextAsync(ReplicaEventKind.Peer)).Message;
            kinds.Add(message.Kind);
            received = message.Entries is { Count: 1 } entries ? entries[0].Payload.ToArray() : received;
        }

        Assert.Contains(MessageKind.HeartbeatReply, kinds);
        Assert.Equal(large, received);
    }

    [Fact]
    public async Task Both_sides_learn_of_a_member_that_goes_and_connect_again_when_it_is_back()
    {
        await using var one = new PeerRig(1);
        var two = new PeerRig(2);
        await ConnectAsync(one, two);

        await two.DisposeAsync();

        Assert.Equal(2, (await one.NextAsync(ReplicaEventKind.PeerLost)).Number);
        await Eventually.TrueAsync(() => !one.Transport.Peers[0].IsConnected, "the loss to show");

        await using var again = new PeerRig(2);
        one.Directory.Update([new PeerAddress(again.Member, "n2", [again.Address])], []);
        await again.StartAsync(one);
        await one.UntilConnectedAsync();
        one.Send(again, MessageKind.HeartbeatReply, 9);
        Assert.Equal(9, (await again.NextAsync(ReplicaEventKind.Peer)).Message.Round.Value);
    }

    [Fact]
    public async Task A_member_that_nobody_told_of_is_answered_where_it_says()
    {
        await using var one = new PeerRig(1);
        await using var two = new PeerRig(2);
        await two.StartAsync();
        await one.StartAsync(two);
        await two.UntilConnectedAsync();

        two.Send(one, MessageKind.HeartbeatReply, 3);

        Assert.Equal(3, (await one.NextAsync(ReplicaEventKind.Peer)).Message.Round.Value);
    }

    [Fact]
    public async Task A_removed_member_is_let_go_and_not_let_in()
    {
        await using var one = new PeerRig(1);
        await using var two = new PeerRig(2);
        await ConnectAsync(one, two);

        one.Directory.Update([], [two.Member]);

        await two.NextAsync(ReplicaEventKind.PeerLost);
        Assert.Empty(one.Transport.Peers);
        await Eventually.TrueAsync(() => one.Net.Refused > 0 || two.Transport.Peers[0].IsConnected, "the next call to be refused");
    }

    [Fact]
    public async Task A_member_of_another_cluster_is_refused_and_told_why()
    {
        await using var one = new PeerRig(1);
        await using var stranger = new PeerRig(2, cluster: 0xD);
        await one.StartAsync();
        await stranger.StartAsync(one);

        await Eventually.TrueAsync(() => one.Net.Refused > 0, "the stranger to be refused");

        using var content = new ByteArrayContent(Framed(PeerHello.Of(stranger.Net.Self, one.Member, PeerPurpose.Bulk).Encode()));
        var refusal = await Assert.ThrowsAsync<PeerRefusedException>(() => PeerConnection.OpenAsync(
            one.Address, PeerPaths.Stream, content, PeerSecurity.ClearText, CancellationToken.None, Eventually.Deadline));
        Assert.Equal("member 2 belongs to cluster d, this member to cluster c", refusal.Message);
        Assert.False(one.Mailbox.TryTake(out _));
    }

    [Fact]
    public async Task A_member_whose_disk_went_back_is_told_so_and_falls_silent()
    {
        var told = new List<PeerRefusal>();
        await using var one = new PeerRig(1);
        Uri address;
        await using (var before = new PeerRig(2, incarnation: 4))
        {
            address = before.Address;
            await ConnectAsync(one, before);
            before.Send(one, MessageKind.HeartbeatReply, 3);
            Assert.Equal(3, (await one.NextAsync(ReplicaEventKind.Peer)).Message.Round.Value);
        }

        using var standing = new PeerStanding([one.Member], told.Add);
        await using var after = new PeerRig(2, incarnation: 5, disk: default, standing: standing, address: address);
        standing.Begin(TimeProvider.System, TimeSpan.FromMinutes(5));
        await after.StartAsync(one);

        await Eventually.TrueAsync(() => standing.Loss is not null, "the member to be told");
        Assert.Equal(PeerRefusalKind.RolledBack, standing.Loss!.Kind);
        Assert.Contains("it spoke in term 1, and its disk is in term 0", standing.Loss.Reason, StringComparison.Ordinal);
        Assert.Equal(2, (await one.NextAsync(ReplicaEventKind.PeerForgot)).Number);
        Assert.False(standing.TakesPart);
        Assert.Single(told);

        // Nor does it listen: whoever calls it is told why.
        using var content = new ByteArrayContent(Framed(PeerHello.Of(one.Net.Self, after.Member, PeerPurpose.Urgent).Encode()));
        var refusal = await Assert.ThrowsAsync<PeerRefusedException>(() => PeerConnection.OpenAsync(
            after.Address, PeerPaths.Stream, content, PeerSecurity.ClearText, CancellationToken.None));
        Assert.Equal((PeerRefusalKind.Stranger, standing.Loss.Reason), (refusal.Kind, refusal.Message));
    }

    [Fact]
    public async Task A_member_that_was_not_judged_yet_neither_speaks_nor_listens()
    {
        using var standing = new PeerStanding([new NodeId(1), new NodeId(3)]);
        await using var one = new PeerRig(1);
        await using var two = new PeerRig(2, standing: standing);
        standing.Begin(TimeProvider.System, TimeSpan.FromMinutes(5));
        await ConnectAsync(one, two);

        two.Send(one, MessageKind.HeartbeatReply, 3);
        one.Send(two, MessageKind.HeartbeatReply, 4);
        await Eventually.TrueAsync(() => two.Net.CountersOf(one.Member).MessagesReceived > 0, "the message to have come");
        standing.Accepted(new NodeId(3));
        Assert.True(standing.TakesPart);
        two.Send(one, MessageKind.HeartbeatReply, 5);
        one.Send(two, MessageKind.HeartbeatReply, 6);

        Assert.Equal(5, (await one.NextAsync(ReplicaEventKind.Peer)).Message.Round.Value);
        Assert.Equal(6, (await two.NextAsync(ReplicaEventKind.Peer)).Message.Round.Value);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nand then something else altogether")]
    public async Task Whatever_is_no_http2_ends_the_connection(string text)
    {
        await using var one = new PeerRig(1);
        await one.StartAsync();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(one.EndPoint);

        await socket.SendAsync(Encoding.Latin1.GetBytes(text));

        var buffer = new byte[4096];
        await Eventually.TrueAsync(() => ReceivesEnd(socket, buffer), "the connection to be closed");
        Assert.False(one.Mailbox.TryTake(out _));
    }

    [Fact]
    public async Task Garbage_behind_a_hello_closes_the_connection_and_is_counted()
    {
        await using var one = new PeerRig(1);
        await one.StartAsync();
        var self = new PeerIdentity(new ClusterId(0xC), new NodeId(5), 1, 1, "");
        var hello = Framed(PeerHello.Of(self, one.Member, PeerPurpose.Bulk).Encode());
        byte[][] garbage =
        [
            [0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0, 0],
            [4, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8],
            Framed([1, 2, 3]),
            Framed(Encoded(new Message { Kind = MessageKind.HeartbeatReply, From = new NodeId(6), To = one.Member, Term = new Term(1) })),
            Framed(Encoded(new Message { Kind = MessageKind.HeartbeatReply, From = new NodeId(5), To = new NodeId(9), Term = new Term(1) })),
        ];

        for (var i = 0; i < garbage.Length; i++)
        {
            using var content = new ByteArrayContent([.. hello, .. garbage[i]]);
            await SendAsync(one, content);
            var counted = i + 1;
            await Eventually.TrueAsync(() => one.Net.Garbage == counted, $"garbage {counted} to be counted");
        }

        Assert.Equal(0, one.Net.CountersOf(new NodeId(5)).MessagesReceived);
    }

    private static async Task ConnectAsync(PeerRig one, PeerRig two)
    {
        await one.StartAsync(two);
        await two.StartAsync(one);
        await one.UntilConnectedAsync();
        await two.UntilConnectedAsync();
    }

    private static async Task SendAsync(PeerRig to, HttpContent content)
    {
        try
        {
            using var connection = await PeerConnection.OpenAsync(
                to.Address, PeerPaths.Stream, content, PeerSecurity.ClearText, CancellationToken.None, Eventually.Deadline);
            Assert.Equal(0, await connection.Answer.ReadAsync(new byte[1]));
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException)
        {
            // Cut off: what is to be expected.
        }
    }

    private static bool ReceivesEnd(Socket socket, byte[] buffer)
    {
        try
        {
            return socket.Poll(1000, SelectMode.SelectRead) && socket.Receive(buffer) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static byte[] Encoded(Message message)
    {
        var bytes = new byte[MessageCodec.Measure(message)];
        MessageCodec.Encode(message, bytes);
        return bytes;
    }

    private static byte[] Framed(byte[] payload)
    {
        var frames = new PeerFrameWriter();
        frames.Add(payload);
        return frames.Written.ToArray();
    }
}
