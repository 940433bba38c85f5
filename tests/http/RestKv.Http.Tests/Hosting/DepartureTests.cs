using System.Net;
using System.Text;
using RestKv.Http.Tests.Support;
using RestKv.Testing;

namespace RestKv.Http.Tests.Hosting;

/// <summary>A member that leaves still serves, and says with each answer that the connection ends. Each test has its own member.</summary>
public sealed class DepartureTests : IAsyncLifetime
{
    private readonly NodeFixture _node = new();

    [Fact]
    public async Task The_next_answer_on_a_connection_announces_its_end_and_then_it_ends()
    {
        await using var connection = await _node.ConnectAsync();
        await using var silent = await _node.ConnectAsync();
        var before = await connection.SendAsync("PUT", "/v1/kv/k", "", "1"u8.ToArray());
        await Eventually.TrueAsync(() => _node.Departure.Connections >= 2, "both connections to be counted");
        var open = _node.Departure.Connections;

        _node.Departure.BeginLeaving();
        var last = await connection.SendAsync("PUT", "/v1/kv/k", "", "2"u8.ToArray());
        var after = await connection.ReadResponseAsync();

        Assert.Equal((201, false), (before.Status, before.IsClosed));
        Assert.Equal((200, true), (last.Status, last.IsClosed));
        Assert.Equal((0, true), (after.Status, after.IsClosed));
        await Eventually.TrueAsync(() => _node.Departure.Connections == open - 1, "the connection to be gone");
        var late = await silent.SendAsync("GET", "/v1/kv/k");
        Assert.Equal(("2", true), (late.Text, late.IsClosed));
    }

    [Fact]
    public async Task A_connection_is_unheard_until_its_first_request_or_its_end()
    {
        await using var speaks = await _node.ConnectAsync();
        var leaves = await _node.ConnectAsync();
        await Eventually.TrueAsync(() => _node.Departure.Unheard == 2, "both connections to be counted");

        await speaks.SendAsync("GET", "/livez");
        await speaks.SendAsync("GET", "/livez");
        Assert.Equal(1, _node.Departure.Unheard);

        await leaves.DisposeAsync();
        await Eventually.TrueAsync(() => _node.Departure.Unheard == 0, "the other one to be gone");
    }

    /// <summary>Its request may have been sent already, and be waiting in the system or on the way.</summary>
    [Fact]
    public async Task A_connection_that_was_not_heard_yet_is_still_answered_while_the_server_stops()
    {
        await _node.SendAsync("PUT", "/v1/kv/k", "", "1"u8.ToArray());
        await using var unheard = await _node.ConnectAsync();
        await Eventually.TrueAsync(() => _node.Departure.Unheard == 1, "the connection to be counted");

        var stop = _node.StopAsync();
        await Eventually.TrueAsync(() => _node.Departure.Leaving.IsCancellationRequested, "the member to leave");
        Assert.False(_node.Departure.Closing.IsCancellationRequested);
        var answer = await unheard.SendAsync("GET", "/v1/kv/k");

        Assert.Equal((200, "1", true), (answer.Status, answer.Text, answer.IsClosed));
        await stop.WaitAsync(Eventually.Deadline);
    }

    [Fact]
    public async Task Over_HTTP_2_a_connection_is_given_up_and_what_is_open_on_it_is_answered()
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = _node.Client.BaseAddress,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var slow = new SlowContent();
        var writing = client.PutAsync("/v1/kv/slow", slow);
        await slow.Started;
        using (var get = await client.GetAsync("/livez"))
        {
            Assert.Equal(HttpStatusCode.OK, get.StatusCode);
        }

        var open = _node.Departure.Connections;
        _node.Departure.BeginLeaving();
        for (var i = 0; i < 20; i++)
        {
            using var get = await client.GetAsync("/v1/kv/none");
            Assert.Equal(HttpStatusCode.NotFound, get.StatusCode);
        }

        slow.Finish();
        using var written = await writing;
        Assert.Equal(HttpStatusCode.Created, written.StatusCode);
        await Eventually.TrueAsync(() => _node.Departure.Connections < open, "the connection to be gone");
    }

    [Fact]
    public async Task Streams_are_told_good_bye_and_new_ones_are_sent_elsewhere()
    {
        using var granted = await _node.Client.PostAsync("/v1/leases", new StringContent("""{"ttl":"60s"}""", Encoding.UTF8, "application/json"));
        using var lease = System.Text.Json.JsonDocument.Parse(await granted.Content.ReadAsStringAsync());
        var hold = $"/v1/leases/{lease.RootElement.GetProperty("id").GetString()}/hold";
        using var held = await OpenAsync(hold);
        using var watched = await OpenAsync("/v1/watch?prefix=");

        _node.Departure.BeginLeaving();

        Assert.Contains("event: closing", await held.Content.ReadAsStringAsync().WaitAsync(Eventually.Deadline), StringComparison.Ordinal);
        var watch = await watched.Content.ReadAsStringAsync().WaitAsync(Eventually.Deadline);
        Assert.Contains("event: closing", watch, StringComparison.Ordinal);
        Assert.Contains("\"retryAfterMs\":", watch, StringComparison.Ordinal);
        foreach (var path in new[] { hold, "/v1/watch?prefix=" })
        {
            using var late = await OpenAsync(path);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, late.StatusCode);
            Assert.Contains("shutting-down", await late.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    public Task InitializeAsync() => _node.InitializeAsync();

    public Task DisposeAsync() => _node.DisposeAsync();

    private Task<HttpResponseMessage> OpenAsync(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/event-stream");
        return _node.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>A body of which the second half comes when the test says so.</summary>
    private sealed class SlowContent : HttpContent
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _finish = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Started => _started.Task;

        public void Finish() => _finish.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("half"u8.ToArray());
            await stream.FlushAsync();
            _started.SetResult();
            await _finish.Task;
            await stream.WriteAsync("half"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 8;
            return true;
        }
    }
}
