using System.Text;
using RestKv.Http.Tests.Support;
using static RestKv.Http.Tests.Etcd.EtcdRequests;

namespace RestKv.Http.Tests.Etcd;

/// <summary>etcd's JSON gateway as such: paths, methods, headers, bodies that cannot be read.</summary>
public sealed class GatewayTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Theory]
    [InlineData("/v3/kv/range")]
    [InlineData("/v3alpha/kv/range")]
    [InlineData("/v3beta/kv/range")]
    public async Task Old_names_of_the_api_are_the_same(string path)
    {
        var response = await node.SendAsync("POST", path, "", """{"key":"YQ=="}""");

        Assert.Equal(200, response.Status);
        Assert.StartsWith("application/json", response.Header("Content-Type"), StringComparison.Ordinal);
        Assert.Equal("application/grpc", response.Header("Grpc-Metadata-Content-Type"));
        Assert.True(response.Json.Revision() > 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Content-Type: text/plain")]
    [InlineData("Content-Type: application/x-www-form-urlencoded")]
    [InlineData("Content-Type: application/json\r\nAccept: text/html")]
    public async Task Any_media_type_is_json(string headers)
    {
        var response = await node.CallAsync("kv/range", """{"key":"YQ=="}""", headers);

        Assert.Equal(200, response.Status);
    }

    [Theory]
    [InlineData("POST", "/v3/kv/nosuch")]
    [InlineData("POST", "/v3/KV/range")]
    [InlineData("GET", "/v3/kv/range/")]
    [InlineData("POST", "/v3/")]
    public async Task Unknown_paths_are_not_found_in_json(string method, string path)
    {
        var response = await node.SendAsync(method, path);

        Assert.Equal((404, """{"error":"Not Found","code":5,"message":"Not Found"}"""), (response.Status, response.Text));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Only_post_calls_anything(string method)
    {
        var response = await node.SendAsync(method, "/v3/kv/put", "", """{"key":"bWV0aG9k"}""");

        Assert.Equal((405, "POST"), (response.Status, response.Header("Allow")));
        Assert.Equal("{}", (await node.DoAsync("kv/range", """{"key":"bWV0aG9k"}""")).Body());
    }

    [Fact]
    public async Task Options_are_answered_and_strange_origins_learn_nothing()
    {
        var plain = await node.SendAsync("OPTIONS", "/v3/kv/range");
        var foreign = await node.SendAsync(
            "OPTIONS", "/v3/kv/range", "Origin: https://evil.example\r\nAccess-Control-Request-Method: POST");

        Assert.Equal((200, "", "*"), (plain.Status, plain.Text, plain.Header("Access-Control-Allow-Origin")));
        Assert.Contains("POST", plain.Header("Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Equal((200, null), (foreign.Status, foreign.Header("Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task Host_and_origin_rules_hold_here_too()
    {
        var host = await node.CallAsync("kv/range", """{"key":"YQ=="}""", "Host: evil.example");
        var origin = await node.CallAsync("kv/put", """{"key":"b3JpZ2lu"}""", "Origin: https://evil.example");

        Assert.Equal((421, 403), (host.Status, origin.Status));
        Assert.Equal("{}", (await node.DoAsync("kv/range", """{"key":"b3JpZ2lu"}""")).Body());
    }

    [Theory]
    [InlineData("{bad")]
    [InlineData("[]")]
    [InlineData("""{"key":"YQ==","limit":"x"}""")]
    public async Task Bodies_that_cannot_be_read_are_invalid_arguments(string body)
    {
        var response = await node.CallAsync("kv/range", body);

        Assert.Equal((400, 3), (response.Status, response.Json.GetProperty("code").GetInt32()));
        Assert.Equal(response.Json.GetProperty("error").GetString(), response.Json.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"key":null}""")]
    public Task An_empty_body_is_an_empty_request(string body) =>
        node.RefusesAsync("kv/range", body, 400, 3, "etcdserver: key is not provided");

    [Fact]
    public async Task What_follows_the_first_value_is_not_read()
    {
        var response = await node.CallAsync("kv/range", """{"key":"YQ=="}{bad""");

        Assert.Equal(200, response.Status);
    }

    [Fact]
    public async Task Messages_beyond_the_limits_are_refused_and_the_connection_goes_on()
    {
        await using var connection = await node.ConnectAsync();
        var transport = await connection.SendAsync("POST", "/v3/kv/put", "", Value(2 << 20));
        var entry = await connection.SendAsync("POST", "/v3/kv/put", "", Value(1_572_864));
        var taken = await connection.SendAsync("POST", "/v3/kv/put", "", Value(1_572_000));

        Assert.Equal(429, transport.Status);
        Assert.StartsWith(
            "grpc: received message larger than max (2097", transport.Json.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal((400, "etcdserver: request is too large"), (entry.Status, entry.Json.GetProperty("message").GetString()));
        Assert.Equal(200, taken.Status);
        await node.DoAsync("kv/deleterange", $$"""{"key":"{{B("huge")}}"}""");
    }

    [Fact]
    public async Task A_body_far_beyond_any_message_is_refused_unread()
    {
        var response = await node.SendAsync("POST", "/v3/kv/put", "Content-Length: 10000000000");

        Assert.Equal((429, 8), (response.Status, response.Json.GetProperty("code").GetInt32()));
        Assert.True(response.IsClosed);
    }

    [Fact]
    public async Task A_chunked_body_is_read_to_its_end()
    {
        var json = $$"""{"key":"{{B("chunked")}}","count_only":true}""";
        var chunks = string.Concat(json.Chunk(7).Select(part => $"{part.Length:x}\r\n{new string(part)}\r\n")) + "0\r\n\r\n";

        var response = await node.SendAsync("POST", "/v3/kv/range", "Transfer-Encoding: chunked", Encoding.ASCII.GetBytes(chunks));

        Assert.Equal(200, response.Status);
    }

    [Fact]
    public async Task Deadlines_are_read_and_nonsense_is_refused()
    {
        var over = await node.CallAsync("kv/put", """{"key":"ZGVhZGxpbmU="}""", "Grpc-Timeout: 0n");
        var plenty = await node.CallAsync("kv/range", """{"key":"YQ=="}""", "Grpc-Timeout: 60S");
        var nonsense = await node.CallAsync("kv/range", """{"key":"YQ=="}""", "Grpc-Timeout: soon");

        Assert.Equal((504, "context deadline exceeded"), (over.Status, over.Json.GetProperty("message").GetString()));
        Assert.Equal((200, 400), (plenty.Status, nonsense.Status));
    }

    [Fact]
    public async Task Who_asks_for_a_leader_gets_an_answer_where_there_is_one()
    {
        var response = await node.CallAsync("kv/range", """{"key":"YQ=="}""", "Grpc-Metadata-hasleader: true");

        Assert.Equal(200, response.Status);
    }

    [Theory]
    [InlineData("Authorization: junk")]
    [InlineData("Authorization: Bearer junk")]
    [InlineData("Grpc-Metadata-Token: junk")]
    public async Task Tokens_are_ignored_while_there_are_no_users(string header)
    {
        var response = await node.CallAsync("kv/range", """{"key":"YQ=="}""", header);

        Assert.Equal(200, response.Status);
    }

    private static byte[] Value(int bytes) =>
        Encoding.ASCII.GetBytes($$"""{"key":"{{B("huge")}}","value":"{{Convert.ToBase64String(new byte[bytes])}}"}""");
}
