using Google.Protobuf.WellKnownTypes;
using RestKv.Api.Etcd;
using RestKv.Testing;

namespace RestKv.Http.Tests.Etcd.Grpc;

/// <summary>Streams: both sides at once, the end of one side, and a side that does not keep up.</summary>
public sealed class GrpcStreamTests : IAsyncLifetime
{
    private readonly TaskCompletionSource<string> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _listen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GrpcTestServer? _server;
    private GrpcTestClient? _client;
    private long _sent;

    private GrpcTestClient Client => _client!;

    public async Task InitializeAsync()
    {
        _server = await GrpcTestServer.StartAsync(
            [
                GrpcTestServer.Stream("Talk", TalkAsync),
                GrpcTestServer.Stream("Count", CountAsync),
                GrpcTestServer.Stream("Flood", FloodAsync),
                GrpcTestServer.Stream("Deaf", DeafAsync),
                GrpcTestServer.Stream("Refuse", RefuseAsync),
                GrpcTestServer.Stream("Silent", (_, _, _) => Task.CompletedTask),
            ]);
        _client = _server.Connect();
    }

    public async Task DisposeAsync()
    {
        _client!.Dispose();
        await _server!.DisposeAsync();
    }

    [Fact]
    public async Task Each_side_speaks_when_it_likes()
    {
        await using var stream = Client.Open("Talk");
        for (var i = 0; i < 100; i++)
        {
            await stream.SendAsync($"message {i}");
            Assert.Equal($"message {i}", await stream.NextAsync());
        }

        stream.Finish();
        var end = await stream.EndAsync();

        Assert.Equal((0, false), (end.Code, end.IsTrailersOnly));
    }

    [Fact]
    public async Task A_server_goes_on_after_the_client_has_ended_its_side()
    {
        await using var stream = Client.Open("Count");
        await stream.SendAsync("a");
        await stream.SendAsync("b");
        stream.Finish();

        Assert.Equal("2", await stream.NextAsync());
        Assert.Equal(0, (await stream.EndAsync()).Code);
    }

    [Fact]
    public async Task A_server_may_end_while_the_client_still_speaks()
    {
        await using var stream = Client.Open("Refuse");
        await stream.SendAsync("a");

        var end = await stream.EndAsync();

        Assert.Equal(((int)GrpcCode.OutOfRange, "enough", true), (end.Code, end.Text, end.IsTrailersOnly));
    }

    [Fact]
    public async Task A_stream_without_a_message_has_a_status()
    {
        await using var stream = Client.Open("Silent");
        stream.Finish();

        Assert.Equal(0, (await stream.EndAsync()).Code);
    }

    [Fact]
    public async Task A_client_that_reads_nothing_holds_the_server_back()
    {
        await using var stream = Client.Open("Flood");
        await stream.SendAsync("");
        await stream.NextAsync();

        // It stands still once all windows and buffers are full, which happens after some dozens of messages, not hundreds.
        await StandsStillAsync(() => Interlocked.Read(ref _sent), "the server waits for the client");
        Assert.InRange(Interlocked.Read(ref _sent), 1, 200);

        await stream.CancelAsync();
        Assert.Equal("cancelled", await _outcome.Task.WaitAsync(Eventually.Deadline));
    }

    [Fact]
    public async Task A_server_that_reads_nothing_holds_the_client_back()
    {
        const int Messages = 100;
        await using var stream = Client.Open("Deaf");
        var text = new string('x', 100_000);
        var sent = 0;
        var sending = SendAllAsync();
        await StandsStillAsync(() => Volatile.Read(ref sent), "the client waits for the server");
        var before = Volatile.Read(ref sent);

        _listen.SetResult();
        await sending;
        stream.Finish();

        Assert.InRange(before, 1, Messages - 1);
        Assert.Equal(Messages.ToString(), await stream.NextAsync());

        async Task SendAllAsync()
        {
            while (sent < Messages)
            {
                await stream.SendAsync(text);
                Interlocked.Increment(ref sent);
            }
        }
    }

    [Fact]
    public async Task A_cancelled_stream_ends_its_handler()
    {
        await using var stream = Client.Open("Talk");
        await stream.SendAsync("a");
        Assert.Equal("a", await stream.NextAsync());

        await stream.CancelAsync();

        Assert.Equal("cancelled", await _outcome.Task.WaitAsync(Eventually.Deadline));
    }

    private async Task TalkAsync(IEtcdRequests requests, IEtcdReplies replies, EtcdCall call)
    {
        try
        {
            while (await requests.NextAsync(call.Aborted) is { } message)
            {
                await replies.SendAsync(message, call.Aborted);
            }

            _outcome.TrySetResult("ended");
        }
        catch (Exception exception)
        {
            Note(exception, call);
            throw;
        }
    }

    private async Task DeafAsync(IEtcdRequests requests, IEtcdReplies replies, EtcdCall call)
    {
        await _listen.Task.WaitAsync(call.Aborted);
        await CountAsync(requests, replies, call);
    }

    private static async Task CountAsync(IEtcdRequests requests, IEtcdReplies replies, EtcdCall call)
    {
        var count = 0;
        while (await requests.NextAsync(call.Aborted) is not null)
        {
            count++;
        }

        await replies.SendAsync(new StringValue { Value = count.ToString() }, call.Aborted);
    }

    private async Task FloodAsync(IEtcdRequests requests, IEtcdReplies replies, EtcdCall call)
    {
        await requests.NextAsync(call.Aborted);
        var message = new StringValue { Value = new string('x', 100_000) };
        try
        {
            while (true)
            {
                await replies.SendAsync(message, call.Aborted);
                Interlocked.Increment(ref _sent);
            }
        }
        catch (Exception exception)
        {
            Note(exception, call);
            throw;
        }
    }

    private static async Task RefuseAsync(IEtcdRequests requests, IEtcdReplies replies, EtcdCall call)
    {
        await requests.NextAsync(call.Aborted);
        throw new EtcdFault(GrpcCode.OutOfRange, "enough");
    }

    private void Note(Exception exception, EtcdCall call) => _outcome.TrySetResult(
        exception is OperationCanceledException && call.Aborted.IsCancellationRequested ? "cancelled" : exception.ToString());

    private static Task StandsStillAsync(Func<long> count, string what)
    {
        var before = -1L;
        return Eventually.TrueAsync(
            () =>
            {
                var last = before;
                before = count();
                return last == before && before > 0;
            },
            what);
    }
}
