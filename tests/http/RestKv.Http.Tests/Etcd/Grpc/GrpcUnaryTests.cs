using System.Net;
using RestKv.Api.Etcd;
using RestKv.Testing;

namespace RestKv.Http.Tests.Etcd.Grpc;

/// <summary>Calls with one message each way: what is answered, and with which status.</summary>
public sealed class GrpcUnaryTests : IAsyncLifetime
{
    private readonly TaskCompletionSource<EtcdCall> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualClock _clock = new();
    private GrpcTestServer? _server;
    private GrpcTestClient? _client;
    private int _calls;

    private GrpcTestClient Client => _client!;

    public async Task InitializeAsync()
    {
        _server = await GrpcTestServer.StartAsync(
            [
                GrpcTestServer.Unary("Say", (text, _) => SayAsync(text)),
                GrpcTestServer.Unary("Fail", (text, _) => throw new EtcdFault(GrpcCode.NotFound, text)),
                GrpcTestServer.Unary("Break", (_, _) => throw new InvalidDataException("a secret")),
                GrpcTestServer.Unary("Wait", WaitAsync),
                GrpcTestServer.Unary("Big", (text, _) => new ValueTask<string>(new string('x', int.Parse(text)))),
                GrpcTestServer.Unary("Describe", (_, call) => new ValueTask<string>(
                    $"{call.Token} {call.RequiresLeader} {call.IsGateway} {call.Deadline - _clock.GetUtcNow()}")),
            ],
            _clock);
        _client = _server.Connect();
    }

    public async Task DisposeAsync()
    {
        _client!.Dispose();
        await _server!.DisposeAsync();
    }

    [Fact]
    public async Task A_call_is_answered_with_a_message_and_a_status_behind_it()
    {
        var answer = await Client.CallAsync("Say", "ä");

        Assert.Equal((HttpStatusCode.OK, 0, "ä", false), (answer.Http, answer.Code, answer.Value, answer.IsTrailersOnly));
    }

    [Fact]
    public async Task A_refusal_comes_with_the_headers_and_its_text_survives()
    {
        const string Text = "etcdserver: 100% of \"ü\"\r\nlost";

        var answer = await Client.CallAsync("Fail", Text);

        Assert.Equal((5, Text, true), (answer.Code, answer.Text, answer.IsTrailersOnly));
        Assert.Empty(answer.Messages);
    }

    [Fact]
    public async Task A_fault_of_ours_tells_nothing_of_itself()
    {
        var answer = await Client.CallAsync("Break", "");

        Assert.Equal((int)GrpcCode.Internal, answer.Code);
        Assert.DoesNotContain("secret", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/test.Echo/Shout", "unknown method Shout for service test.Echo")]
    [InlineData("/test.Other/Say", "unknown service test.Other")]
    [InlineData("/test.echo/Say", "unknown service test.echo")]
    [InlineData("/Say", "malformed method name: \"/Say\"")]
    [InlineData("/test.Echo/Say/", "unknown service test.Echo/Say")]
    [InlineData("/test.Echo/Say?x", "unknown method Say?x for service test.Echo")]
    public async Task An_unknown_method_is_unimplemented(string path, string text)
    {
        var answer = await Client.SendAsync(path, GrpcTestClient.Frame("hello"));

        Assert.Equal(((int)GrpcCode.Unimplemented, text, true), (answer.Code, answer.Text, answer.IsTrailersOnly));
    }

    [Theory]
    [InlineData("application/grpc")]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc; charset=utf-8")]
    [InlineData("Application/GRPC")]
    public async Task These_media_types_are_grpc(string type) =>
        Assert.Equal("hello", (await Client.CallAsync("Say", "hello", ("Content-Type", type))).Value);

    [Theory]
    [InlineData("application/grpc-web")]
    [InlineData("application/grpc+json")]
    [InlineData("application/json")]
    public async Task Other_media_types_are_passed_on(string type)
    {
        using var content = new ByteArrayContent(GrpcTestClient.Frame("hello"));
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        using var response = await Client.Http.PostAsync("/test.Echo/Say", content);

        Assert.Equal("no gRPC", await response.Content.ReadAsStringAsync());
        Assert.Equal(0, _calls);
    }

    [Theory]
    [InlineData("1S", "00:00:01")]
    [InlineData("99999999H", "30.00:00:00")]
    [InlineData("250m", "00:00:00.2500000")]
    public async Task What_the_headers_say_reaches_the_handler(string timeout, string left)
    {
        var answer = await Client.CallAsync("Describe", "", ("token", "abc.1"), ("hasleader", "true"), ("grpc-timeout", timeout));

        Assert.Equal($"abc.1 True False {left}", answer.Value);
    }

    [Fact]
    public async Task A_token_may_also_come_as_authorization_and_need_not_come_at_all()
    {
        Assert.Equal("t False False ", (await Client.CallAsync("Describe", "", ("authorization", "t"))).Value);
        Assert.Equal("t False False ", (await Client.CallAsync("Describe", "", ("authorization", "Bearer t"))).Value);
        Assert.Equal(" False False ", (await Client.CallAsync("Describe", "", ("hasleader", "1"))).Value);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("S")]
    [InlineData("-1S")]
    [InlineData("1.5S")]
    [InlineData("123456789S")]
    [InlineData("1s")]
    public async Task A_timeout_that_is_none_is_refused(string timeout)
    {
        var answer = await Client.CallAsync("Say", "hello", ("grpc-timeout", timeout));

        Assert.Equal(((int)GrpcCode.Internal, $"malformed grpc-timeout: \"{timeout}\""), (answer.Code, answer.Text));
        Assert.Equal(0, _calls);
    }

    [Fact]
    public async Task A_call_ends_when_its_time_is_over()
    {
        var calling = Client.CallAsync("Wait", "", ("grpc-timeout", "5S"));
        await _begun.Task;
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(_ended.Task.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.2));

        var answer = await calling;

        Assert.Equal(((int)GrpcCode.DeadlineExceeded, "context deadline exceeded"), (answer.Code, answer.Text));
    }

    [Fact]
    public async Task A_cancelled_call_ends_its_handler()
    {
        await using var call = Client.Open("Wait");
        await call.SendAsync("");
        call.Finish();
        await _begun.Task;

        await call.CancelAsync();

        await _ended.Task.WaitAsync(Eventually.Deadline);
    }

    [Fact]
    public async Task A_member_that_stops_ends_calls_that_wait()
    {
        var calling = Client.CallAsync("Wait", "");
        await _begun.Task;

        _server!.Departure.BeginLeaving();
        Assert.False(_ended.Task.IsCompleted);
        _server.Departure.BeginClosing();
        var answer = await calling;

        Assert.Equal(((int)GrpcCode.Unavailable, "etcdserver: server stopped"), (answer.Code, answer.Text));
    }

    [Fact]
    public async Task A_large_reply_is_whole()
    {
        var answer = await Client.CallAsync("Big", "5000000");

        Assert.Equal((0, 5_000_000), (answer.Code, answer.Value.Length));
    }

    [Fact]
    public async Task A_compressed_call_is_refused_with_what_would_be_taken()
    {
        var answer = await Client.CallAsync("Say", "hello", ("grpc-encoding", "gzip"));

        Assert.Equal(
            ((int)GrpcCode.Unimplemented, "grpc: Decompressor is not installed for grpc-encoding \"gzip\"", "identity"),
            (answer.Code, answer.Text, answer.AcceptedEncodings));
        Assert.Equal("hello", (await Client.CallAsync("Say", "hello", ("grpc-encoding", "identity"), ("grpc-accept-encoding", "gzip"))).Value);
    }

    [Fact]
    public async Task A_page_may_call_only_from_where_pages_may()
    {
        var foreign = await Client.CallAsync("Say", "hello", ("Origin", "https://evil.example"));
        var rebound = await Client.CallAsync("Say", "hello", ("Origin", "http://evil.example"), ("Host", "evil.example"));
        var program = await Client.CallAsync("Say", "hello", ("Host", "some.name"));

        Assert.Equal((int)GrpcCode.PermissionDenied, foreign.Code);
        Assert.Equal((int)GrpcCode.PermissionDenied, rebound.Code);
        Assert.Equal("hello", program.Value);
    }

    private ValueTask<string> SayAsync(string text)
    {
        Interlocked.Increment(ref _calls);
        return new ValueTask<string>(text);
    }

    private async ValueTask<string> WaitAsync(string text, EtcdCall call)
    {
        _begun.SetResult(call);
        try
        {
            await new TaskCompletionSource().Task.WaitAsync(call.Aborted);
        }
        finally
        {
            _ended.SetResult();
        }

        return text;
    }
}
