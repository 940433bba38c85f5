using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RestKv.Api.Peers;
using RestKv.Cluster.Tests.Support;
using RestKv.Raft;
using RestKv.Storage;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Members;

/// <summary>What nobody but a member should send, on the peer port: the connection ends, it is counted, the process lives and stays small.</summary>
public sealed class PeerGarbageTests(SharedCluster shared) : IClassFixture<SharedCluster>
{
    private const int Rounds = 25;
    private const long MemoryGrowthMaxBytes = 96L << 20;
    private static readonly TimeSpan Patience = Eventually.Deadline;

    [Theory]
    [InlineData("random bytes")]
    [InlineData("length zero")]
    [InlineData("length negative")]
    [InlineData("length above the limit")]
    [InlineData("wrong check sum")]
    [InlineData("hello, then random bytes")]
    [InlineData("hello, then a message that is none")]
    [InlineData("hello of another kind")]
    public async Task Garbage_in_a_stream_ends_it_and_is_counted(string kind)
    {
        var member = (await shared.GetAsync()).Members[0];
        var identity = await IdentityAsync(member);
        var before = await member.MetricAsync("restkv_peer_garbage_total");

        for (var round = 0; round < Rounds; round++)
        {
            await SendAsync(member, Garbage(kind, identity, new Random(round)));
        }

        await Eventually.TrueAsync(
            async () => await member.MetricAsync("restkv_peer_garbage_total") >= before + Rounds, $"{kind} to be counted", () => member.Log);
        await ServesAsync(member);
    }

    [Theory]
    [InlineData("GET /v1/status HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("POST /peer/v1/stream HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff")]
    public async Task What_is_not_HTTP_2_is_cut_off(string text)
    {
        var member = (await shared.GetAsync()).Members[0];
        var closed = await Task.WhenAll(Enumerable.Range(0, Rounds).Select(_ => IsCutOffAsync(member, Encoding.Latin1.GetBytes(text))));

        Assert.DoesNotContain(false, closed);
        await ServesAsync(member);
    }

    [Fact]
    public async Task Long_frames_that_are_announced_and_never_come_take_no_memory()
    {
        var member = (await shared.GetAsync()).Members[0];
        var hello = Hello(await IdentityAsync(member));
        var before = MemoryOf(member);
        var head = new byte[PeerFrame.HeadBytes + 100];
        BinaryPrimitives.WriteInt32LittleEndian(head, PeerFrame.PayloadBytesMax);
        List<OpenRequest> open = [];
        try
        {
            for (var number = 0; number < Rounds; number++)
            {
                open.Add(await OpenRequest.SendAsync(member, [.. Frame(hello with { From = new NodeId(1000 + number) }), .. head]));
            }

            await ServesAsync(member);
            Assert.InRange(MemoryOf(member) - before, long.MinValue, MemoryGrowthMaxBytes);
        }
        finally
        {
            open.ForEach(request => request.Dispose());
        }
    }

    [Fact]
    public async Task A_frame_cut_short_by_the_end_of_a_connection_is_no_garbage()
    {
        var member = (await shared.GetAsync()).Members[0];
        var identity = await IdentityAsync(member);
        var before = await member.MetricAsync("restkv_peer_garbage_total");

        await SendAsync(member, [.. Frame(Hello(identity)), 200, 0, 0, 0, 1, 2, 3]);
        await SendAsync(member, Garbage("random bytes", identity, new Random(1)));

        // The second one was counted, so the first one has been judged: its connection was the first.
        await Eventually.TrueAsync(
            async () => await member.MetricAsync("restkv_peer_garbage_total") > before, "the second to be counted", () => member.Log);
        Assert.Equal(before + 1, await member.MetricAsync("restkv_peer_garbage_total"));
    }

    private static byte[] Garbage(string kind, PeerIdentity member, Random random)
    {
        var noise = new byte[5_000];
        random.NextBytes(noise);
        var frame = Frame([1, 2, 3]);
        return kind switch
        {
            // No length that a frame may have, whatever the rest is.
            "random bytes" => [255, 255, 255, 255, .. noise],
            "length zero" => [0, 0, 0, 0, .. noise],
            "length negative" => [1, 0, 0, 128, .. noise],
            "length above the limit" => [1, 0, 128, 4, .. noise],
            "wrong check sum" => [.. frame[..^1], (byte)(frame[^1] ^ 1)],
            "hello, then random bytes" => [.. Frame(Hello(member)), 255, 255, 255, 255, .. noise],
            "hello, then a message that is none" => [.. Frame(Hello(member)), .. Frame(noise)],
            _ => Frame(Hello(member) with { Purpose = PeerPurpose.Snapshot }),
        };
    }

    private static PeerHello Hello(PeerIdentity member) =>
        new(PeerPurpose.Urgent, member.Cluster, new NodeId(77), member.Member, 1, 1, "http://127.0.0.1:9");

    private static byte[] Frame(PeerHello hello) => Frame(hello.Encode());

    private static byte[] Frame(byte[] payload)
    {
        byte[] frame = [.. new byte[PeerFrame.HeadBytes], .. payload];
        PeerFrame.Seal(frame);
        return frame;
    }

    private static async Task<PeerIdentity> IdentityAsync(ClusterMember member)
    {
        var status = (await member.StatusAsync())!.Value;
        return new PeerIdentity(new ClusterId(Hex("cluster")), new NodeId(Hex("member")), 0, 0, "");

        long Hex(string name) => long.Parse(status.GetProperty(name).GetString()!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    /// <summary>Sends it all and waits until the other side has had enough.</summary>
    private static async Task SendAsync(ClusterMember member, byte[] bytes)
    {
        using var request = await OpenRequest.SendAsync(member, bytes, isWhole: true);
        await request.EndAsync();
    }

    private static async Task ServesAsync(ClusterMember member)
    {
        using var put = await member.Client.PutAsync("/v1/kv/after-garbage?timeout=15s", new StringContent("1"));
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
    }

    /// <summary>Whether the other side ends a connection on which this came.</summary>
    private static async Task<bool> IsCutOffAsync(ClusterMember member, byte[] bytes)
    {
        using var patience = new CancellationTokenSource(Eventually.Deadline);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(member.PeerEndPoint);
        var buffer = new byte[4096];
        try
        {
            await socket.SendAsync(bytes);
            while (await socket.ReceiveAsync(buffer, patience.Token) > 0)
            {
            }

            return true;
        }
        catch (SocketException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static long MemoryOf(ClusterMember member)
    {
        var line = File.ReadLines($"/proc/{member.Process.Id}/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(6, line.Length - 8).Trim(), CultureInfo.InvariantCulture) << 10;
    }

    /// <summary>A request on a connection of its own whose body stays open until it is disposed of, or ends behind the bytes.</summary>
    private sealed class OpenRequest : HttpContent
    {
        private readonly byte[] _bytes;
        private readonly bool _isWhole;
        private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _forEver = new();
        private readonly CancellationTokenSource _end = new(Patience);
        private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false })
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        private Task _running = Task.CompletedTask;

        private OpenRequest(byte[] bytes, bool isWhole) => (_bytes, _isWhole) = (bytes, isWhole);

        /// <summary>Returns when the bytes have been written.</summary>
        public static async Task<OpenRequest> SendAsync(ClusterMember member, byte[] bytes, bool isWhole = false)
        {
            var request = new OpenRequest(bytes, isWhole);
            request._running = request.PostAsync(new Uri($"{member.PeerUrl}{PeerPaths.Stream}"));
            await Task.WhenAny(request._written.Task, request._running);
            return request;
        }

        /// <summary>Until the other side has answered or cut the connection.</summary>
        public Task EndAsync() => _running;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_bytes);
            await stream.FlushAsync();
            _written.TrySetResult();
            if (!_isWhole)
            {
                await _forEver.Task.WaitAsync(_end.Token);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _end.Cancel();
                _client.Dispose();
            }

            base.Dispose(disposing);
        }

        private async Task PostAsync(Uri address)
        {
            try
            {
                using var message = new HttpRequestMessage(HttpMethod.Post, address)
                {
                    Version = HttpVersion.Version20,
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                    Content = this,
                };
                using var response = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, _end.Token);
                await response.Content.ReadAsByteArrayAsync(_end.Token);
            }
            catch (Exception fault) when (fault is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                // Cut off: that is what is wanted.
            }
        }
    }
}
