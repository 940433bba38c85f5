using Google.Protobuf.WellKnownTypes;
using RestKv.Api.Etcd;

namespace RestKv.Http.Tests.Etcd.Grpc;

/// <summary>Messages that are too large, too many, cut short, or none: refused with a status, without any effect.</summary>
public sealed class GrpcFramingTests : IAsyncLifetime
{
    private const int BytesMax = 2 * 1024 * 1024;

    private GrpcTestServer? _server;
    private GrpcTestClient? _client;
    private int _calls;

    public async Task InitializeAsync()
    {
        _server = await GrpcTestServer.StartAsync(
            [
                GrpcTestServer.Unary("Measure", (text, _) =>
                {
                    Interlocked.Increment(ref _calls);
                    return new ValueTask<string>(text.Length.ToString());
                }),
                GrpcTestServer.Stream("Stream", async (requests, replies, call) =>
                {
                    while (await requests.NextAsync(call.Aborted) is { } message)
                    {
                        await replies.SendAsync(message, call.Aborted);
                    }
                }),
            ]);
        _client = _server.Connect();
    }

    public async Task DisposeAsync()
    {
        _client!.Dispose();
        await _server!.DisposeAsync();
    }

    public static TheoryData<string, byte[], string> Garbage => new()
    {
        { "nothing", [], nameof(GrpcCode.Internal) },
        { "half a head", [0, 0, 0], nameof(GrpcCode.Internal) },
        { "half a message", [0, 0, 0, 0, 9, 10, 1], nameof(GrpcCode.Internal) },
        { "an unknown flag", GrpcTestClient.Frame([], flag: 2), nameof(GrpcCode.Internal) },
        { "compressed without saying how", GrpcTestClient.Frame([], flag: 1), nameof(GrpcCode.Internal) },
        { "not protobuf", GrpcTestClient.Frame("\xff\xff\xff\xff"u8), nameof(GrpcCode.Internal) },
        { "a field that ends too late", GrpcTestClient.Frame([10, 100, 1]), nameof(GrpcCode.Internal) },
        { "four gigabytes", [0, 255, 255, 255, 255], nameof(GrpcCode.ResourceExhausted) },
        { "two messages", [.. GrpcTestClient.Frame("a"), .. GrpcTestClient.Frame("b")], nameof(GrpcCode.Internal) },
        { "something behind the message", [.. GrpcTestClient.Frame("a"), 0], nameof(GrpcCode.Internal) },
        { "HTTP", "GET / HTTP/1.1\r\n\r\n"u8.ToArray(), nameof(GrpcCode.Internal) },
    };

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Garbage_is_refused_and_the_connection_lives(string what, byte[] body, string code)
    {
        var answer = await _client!.SendAsync("/test.Echo/Measure", body);

        Assert.True(code == ((GrpcCode)answer.Code).ToString(), $"{what}: {answer.Code} {answer.Text}");
        Assert.Equal(0, _calls);
        Assert.Equal("2", (await _client.CallAsync("Measure", "ok")).Value);
    }

    [Fact]
    public async Task A_message_of_the_limit_is_taken_and_one_more_byte_is_not()
    {
        var head = new StringValue { Value = new string('x', 1 << 20) }.CalculateSize() - (1 << 20);

        var largest = await _client!.CallAsync("Measure", new string('x', BytesMax - head));
        var larger = await _client.CallAsync("Measure", new string('x', BytesMax - head + 1));

        Assert.Equal((BytesMax - head).ToString(), largest.Value);
        Assert.Equal(
            ((int)GrpcCode.ResourceExhausted, $"grpc: received message larger than max ({BytesMax + 1} vs. {BytesMax})"),
            (larger.Code, larger.Text));
    }

    [Fact]
    public async Task A_stream_takes_more_than_the_limit_in_messages_below_it()
    {
        var text = new string('x', 1 << 20);
        await using var stream = _client!.Open("Stream");
        for (var i = 0; i < 4; i++)
        {
            await stream.SendAsync(text);
            Assert.Equal(text.Length, (await stream.NextAsync())!.Length);
        }

        stream.Finish();
        Assert.Equal(0, (await stream.EndAsync()).Code);
    }

    [Fact]
    public async Task A_message_may_come_in_any_pieces()
    {
        await using var stream = _client!.Open("Stream");
        foreach (var one in GrpcTestClient.Frame("piece by piece"))
        {
            await stream.SendRawAsync([one]);
        }

        await stream.SendRawAsync([.. GrpcTestClient.Frame("two"), .. GrpcTestClient.Frame("at once")]);

        Assert.Equal("piece by piece", await stream.NextAsync());
        Assert.Equal("two", await stream.NextAsync());
        Assert.Equal("at once", await stream.NextAsync());
    }

    [Fact]
    public async Task Garbage_in_a_stream_ends_it_behind_what_was_answered()
    {
        await using var stream = _client!.Open("Stream");
        await stream.SendAsync("first");
        Assert.Equal("first", await stream.NextAsync());
        await stream.SendRawAsync([7, 0, 0, 0, 0]);

        var end = await stream.EndAsync();

        Assert.Equal(((int)GrpcCode.Internal, false), (end.Code, end.IsTrailersOnly));
    }
}
