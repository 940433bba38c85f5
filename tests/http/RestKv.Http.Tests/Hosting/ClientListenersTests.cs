using System.Net;
using System.Net.Sockets;
using RestKv.Api.Security;
using RestKv.Testing;

namespace RestKv.Http.Tests.Hosting;

/// <summary>How the door is closed: who is in the house is served, and who comes late has lost nothing.</summary>
public sealed class ClientListenersTests
{
    [Fact]
    public async Task Who_was_connected_before_is_accepted_and_who_comes_later_is_refused_before_it_has_sent_anything()
    {
        var listeners = new ClientListeners();
        using var listening = listeners.Open(new IPEndPoint(IPAddress.Loopback, 0));
        listening.Listen();
        Assert.Equal(0, listeners.Waiting);
        using var early = NewSocket();
        await early.ConnectAsync(listening.LocalEndPoint!);
        await Eventually.TrueAsync(() => listeners.Waiting == 1, "the connection to wait to be accepted");

        listeners.TakeNoMore();
        using var late = NewSocket();
        var connecting = late.ConnectAsync(listening.LocalEndPoint!);
        await early.SendAsync("hello"u8.ToArray());
        using (var accepted = await listening.AcceptAsync().WaitAsync(Eventually.Deadline))
        {
            var heard = new byte[16];
            Assert.Equal(5, await accepted.ReceiveAsync(heard));
            Assert.Equal(0, listeners.Waiting);
            Assert.False(connecting.IsCompleted);
            await accepted.SendAsync("bye"u8.ToArray());
            Assert.Equal(3, await early.ReceiveAsync(heard));
        }

        listening.Dispose();
        var refused = await Assert.ThrowsAsync<SocketException>(() => connecting.WaitAsync(Eventually.Deadline));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    [Fact]
    public void A_socket_that_is_closed_already_is_no_matter()
    {
        var listeners = new ClientListeners();
        listeners.Open(new IPEndPoint(IPAddress.Loopback, 0)).Dispose();

        listeners.TakeNoMore();

        Assert.Equal(0, listeners.Waiting);
    }

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
}
