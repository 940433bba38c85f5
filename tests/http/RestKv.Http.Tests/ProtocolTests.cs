using System.Text;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests;

/// <summary>
/// The rows of the bad-input table that are about HTTP itself. The server's own answers may lack a body; what matters is the
/// status, that nothing is applied and that the connection ends where its framing is in doubt.
/// </summary>
public sealed class ProtocolTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    private const string Host = "Host: localhost\r\n";

    /// <summary>Row, the bytes sent, the statuses allowed.</summary>
    public static TheoryData<string, string, int[]> ClosingRows => new()
    {
        { "19 NUL in a path", "GET /v1/kv/a%00b HTTP/1.1\r\n" + Host + "\r\n", [400] },
        { "21 raw non-ASCII byte", "GET /v1/kv/\u00e9 HTTP/1.1\r\n" + Host + "\r\n", [400] },
        { "23 long request line", "GET /v1/kv/" + new string('a', 17_000) + " HTTP/1.1\r\n" + Host + "\r\n", [414] },
        { "24 long header", "GET /livez HTTP/1.1\r\n" + Host + "A: " + new string('a', 33_000) + "\r\n\r\n", [431] },
        { "24 many headers", "GET /livez HTTP/1.1\r\n" + Host + Repeat("A: b\r\n", 101) + "\r\n", [431] },
        { "30 negative length", "PUT /v1/kv/p HTTP/1.1\r\n" + Host + "Content-Length: -1\r\n\r\n", [400] },
        { "30 no number", "PUT /v1/kv/p HTTP/1.1\r\n" + Host + "Content-Length: abc\r\n\r\n", [400] },
        { "30 two lengths", "PUT /v1/kv/p HTTP/1.1\r\n" + Host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", [400] },
        { "30 a sign before the length", Put("Content-Length: +5\r\n", "abcde"), [400] },
        { "30 minus nothing", Put("Content-Length: -0\r\n", ""), [400] },
        { "30 forty digits", Put("Content-Length: " + new string('0', 39) + "1\r\n", "x"), [400] },
        { "31 a coding in HTTP/1.0", "PUT /v1/kv/p HTTP/1.0\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", [400] },
        { "31 such a coding and keep-alive",
                "PUT /v1/kv/p HTTP/1.0\r\n" + Host + "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [400] },
        { "31 both lengths", Chunked("Content-Length: 3\r\n", "1\r\nx\r\n0\r\n\r\n"), [400] },
        { "32 other coding", Put("Transfer-Encoding: gzip, chunked\r\n", "1\r\nx\r\n0\r\n\r\n"), [400, 501] },
        { "32 unknown coding", Put("Transfer-Encoding: gzip\r\n", "x"), [400, 501] },
        { "32 bad chunk size", Chunked("", "xyz\r\nx\r\n0\r\n\r\n"), [400] },
        { "32 huge chunk size", Chunked("", "fffffffffffffffff\r\nx\r\n0\r\n\r\n"), [400, 413] },
        { "32 bare LF in headers", "GET /livez HTTP/1.1\nHost: localhost\n\n", [400] },
        { "32 bare LF in a chunk", Chunked("", "1\nx\n0\n\n"), [400] },
        { "32 long chunk extension", Chunked("", "1;" + new string('e', 1100) + "\r\nx\r\n0\r\n\r\n"), [400] },
        { "35 no host", "GET /livez HTTP/1.1\r\n\r\n", [400] },
        { "35 no host in HTTP/1.0", "GET /livez HTTP/1.0\r\n\r\n", [421] },
        { "35 two hosts", "GET /livez HTTP/1.1\r\n" + Host + Host + "\r\n", [400] },
        { "35 absolute form with another host", "GET http://other/livez HTTP/1.1\r\n" + Host + "\r\n", [400] },
        { "42 HTTP/3 in the line", "GET /livez HTTP/3.0\r\n" + Host + "\r\n", [505, 400] },
        { "42 HTTP/0.9", "GET /livez\r\n\r\n", [400] },
        { "42 garbage", "hello there\r\n\r\n", [400, 405] },
        { "42 TLS hello", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003aaaaaaaaaa\r\n\r\n", [400] },
        { "x header without colon", "GET /livez HTTP/1.1\r\n" + Host + "Broken\r\n\r\n", [400] },
        { "x space before colon", "GET /livez HTTP/1.1\r\n" + Host + "Content-Length : 0\r\n\r\n", [400] },
        { "x folded header", "GET /livez HTTP/1.1\r\n" + Host + "A: b\r\n c\r\n\r\n", [400] },
    };

    [Theory]
    [MemberData(nameof(ClosingRows))]
    public async Task Broken_framing_is_refused_and_the_connection_ends(string row, string bytes, int[] statuses)
    {
        await using var connection = await node.ConnectAsync();

        await connection.WriteAsync(Encoding.Latin1.GetBytes(bytes));
        var response = await connection.ReadResponseAsync();

        Assert.True(statuses.Contains(response.Status), $"row {row}: {response.Status} {response.Text}");
        Assert.True(await connection.IsClosedByServerAsync(), $"row {row}: still open");
        Assert.Equal(404, (await node.SendAsync("GET", "/v1/kv/p")).Status);
        Assert.Equal(200, (await node.SendAsync("GET", "/livez")).Status);
    }

    [Fact]
    public async Task Row_29_a_body_of_ten_gigabytes_is_refused_unread()
    {
        await using var connection = await node.ConnectAsync();

        await connection.WriteAsync(Encoding.ASCII.GetBytes(
            "PUT /v1/kv/p HTTP/1.1\r\n" + Host + "Content-Length: 10000000000\r\n\r\n"));
        var response = await connection.ReadResponseAsync();

        Assert.Equal((413, "request-too-large"), (response.Status, response.Code));
        Assert.True(response.IsClosed);
        Assert.True(await connection.IsClosedByServerAsync());
    }

    [Fact]
    public async Task Row_29_a_chunked_body_without_end_is_refused_at_the_limit()
    {
        await using var connection = await node.ConnectAsync();
        await connection.WriteAsync(Encoding.ASCII.GetBytes("PUT /v1/kv/p HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n"));

        var chunk = Encoding.ASCII.GetBytes("10000\r\n" + new string('x', 0x10000) + "\r\n");
        var writing = WriteForeverAsync(connection, chunk);
        var response = await connection.ReadResponseAsync();

        Assert.Equal((413, "request-too-large"), (response.Status, response.Code));
        Assert.Equal("the limit is 1572864 bytes (--max-request-bytes)", response.Json.GetProperty("detail").GetString());
        Assert.True(response.IsClosed);
        await writing;
    }

    [Fact]
    public async Task Row_32_faults_of_framing_are_told_in_our_words()
    {
        await using var connection = await node.ConnectAsync();

        await connection.WriteAsync(Encoding.Latin1.GetBytes(Chunked("", "xyz\r\nx\r\n0\r\n\r\n")));
        var response = await connection.ReadResponseAsync();

        Assert.Equal(
            "the body is not framed as the headers say, or ended early", response.Json.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Row_33_a_body_that_ends_early_applies_nothing()
    {
        await using (var connection = await node.ConnectAsync())
        {
            await connection.WriteAsync(Encoding.ASCII.GetBytes("PUT /v1/kv/p HTTP/1.1\r\n" + Host + "Content-Length: 10\r\n\r\nabc"));
            connection.FinishWriting();
            Assert.True(await connection.IsClosedByServerAsync());
        }

        Assert.Equal(404, (await node.SendAsync("GET", "/v1/kv/p")).Status);
    }

    [Fact]
    public async Task Row_34_a_body_that_trickles_is_given_up()
    {
        await using var connection = await node.ConnectAsync();

        await connection.WriteAsync(Encoding.ASCII.GetBytes("PUT /v1/kv/p HTTP/1.1\r\n" + Host + "Content-Length: 10\r\n\r\nabc"));
        var response = await connection.ReadResponseAsync();

        Assert.Equal((408, "request-timeout"), (response.Status, response.Code));
        Assert.Equal(
            "the body came slower than 240 bytes a second for 5 seconds", response.Json.GetProperty("detail").GetString());
        Assert.Equal("not-applied", response.Json.GetProperty("outcome").GetString());
        Assert.True(await connection.IsClosedByServerAsync());
    }

    [Fact]
    public async Task Row_34_headers_that_never_end_are_given_up()
    {
        await using var connection = await node.ConnectAsync();

        await connection.WriteAsync(Encoding.ASCII.GetBytes("GET /livez HTTP/1.1\r\n" + Host));
        var response = await connection.ReadResponseAsync();

        Assert.Equal(408, response.Status);
        Assert.True(await connection.IsClosedByServerAsync());
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        await using var connection = await node.ConnectAsync();

        await connection.WriteAsync(Encoding.ASCII.GetBytes(
            "PUT /v1/kv/pipe HTTP/1.1\r\n" + Host + "Content-Length: 1\r\n\r\n7"
            + "GET /v1/kv/pipe HTTP/1.1\r\n" + Host + "\r\nGET /v1/kv/%zz HTTP/1.1\r\n" + Host + "\r\n"));
        var put = await connection.ReadResponseAsync("PUT");
        var get = await connection.ReadResponseAsync();
        var bad = await connection.ReadResponseAsync();

        Assert.Equal(201, put.Status);
        Assert.Equal("7", get.Text);
        Assert.Equal("key-encoding", bad.Code);
    }

    [Fact]
    public async Task Http_2_with_prior_knowledge_shares_the_port()
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = node.Client.BaseAddress,
            DefaultRequestVersion = System.Net.HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        var put = await client.PutAsync("/v1/kv/two%2Fh2", new ByteArrayContent([1, 2, 3]));
        var get = await client.GetAsync("/v1/kv/two/h2");
        var bad = await client.GetAsync("/v1/kv/a?limit=1");

        Assert.Equal(System.Net.HttpVersion.Version20, get.Version);
        Assert.Equal(System.Net.HttpStatusCode.Created, put.StatusCode);
        Assert.Equal<byte[]>([1, 2, 3], await get.Content.ReadAsByteArrayAsync());
        Assert.Equal("application/problem+json", bad.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_connection_that_starts_slowly_is_still_told_apart()
    {
        await using var connection = await node.ConnectAsync();

        foreach (var one in "PRINT /livez HTTP/1.1\r\n" + Host + "\r\n")
        {
            await connection.WriteAsync([(byte)one]);
        }

        var response = await connection.ReadResponseAsync();
        Assert.Equal(405, response.Status);
    }

    private static async Task WriteForeverAsync(RawConnection connection, byte[] chunk)
    {
        try
        {
            while (true)
            {
                await connection.WriteAsync(chunk);
            }
        }
        catch (IOException)
        {
            // The server ended the connection, as it should.
        }
    }

    private static string Put(string headers, string body) => "PUT /v1/kv/p HTTP/1.1\r\n" + Host + headers + "\r\n" + body;

    private static string Chunked(string headers, string body) => Put("Transfer-Encoding: chunked\r\n" + headers, body);

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
