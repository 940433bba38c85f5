using System.Buffers.Text;
using System.Text;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests;

public sealed class KeyTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task Every_byte_value_round_trips_through_kv64()
    {
        await using var connection = await node.ConnectAsync();
        for (var one = 0; one < 256; one++)
        {
            byte[] key = [(byte)one];
            var target = "/v1/kv64/" + Base64Url.EncodeToString(key);

            var put = await connection.SendAsync("PUT", target, "", key);
            var get = await connection.SendAsync("GET", target);

            Assert.True(put.Status is 200 or 201, $"byte {one}: {put.Status}");
            Assert.Equal(key, get.Body);
        }

        var all = Enumerable.Range(0, 256).Select(one => (byte)one).ToArray();
        var long64 = "/v1/kv64/" + Base64Url.EncodeToString(all);
        Assert.Equal(201, (await connection.SendAsync("PUT", long64, "", all)).Status);
        Assert.Equal(all, (await connection.SendAsync("GET", long64)).Body);

        var entry = (await connection.SendAsync("GET", long64 + "?format=json")).Json;
        Assert.Equal(Convert.ToBase64String(all), entry.GetProperty("keyBase64").GetString());
        Assert.Equal(Convert.ToBase64String(all), entry.GetProperty("base64").GetString());
    }

    [Theory]
    [InlineData("/v1/kv/sl%2Fash", "/v1/kv/sl/ash")]
    [InlineData("/v1/kv/%61bc", "/v1/kv/abc")]
    [InlineData("/v1/kv/%2Fregistry%2Fpods", "/v1/kv//registry/pods")]
    [InlineData("/v1/kv/plus+sign", "/v1/kv/plus%2Bsign")]
    [InlineData("/v1/kv/gr%C3%BC%C3%9F", "/v1/kv64/Z3LDvMOf")]
    [InlineData("/v1/kv/..%2f..%2fetc%2fpasswd", "/v1/kv64/Li4vLi4vZXRjL3Bhc3N3ZA")]
    [InlineData("http://localhost/v1/kv/absolute", "/v1/kv/absolute")]
    [InlineData("/v1/kv/a.b/...", "/v1/kv64/YS5iLy4uLg")]
    [InlineData("/v1/kv/semi;colon:at@", "/v1/kv64/c2VtaTtjb2xvbjphdEA")]
    public async Task Spellings_of_one_key_are_one_key(string one, string other)
    {
        await node.SendAsync("PUT", one, "", one);

        var get = await node.SendAsync("GET", other);

        Assert.Equal(one, get.Text);
    }

    [Theory]
    [InlineData("/v1/kv/twice%252Fone", "/v1/kv/twice%2Fone")]
    [InlineData("/v1/kv/case", "/v1/kv/Case")]
    [InlineData("/v1/kv/slash", "/v1/kv/slash/")]
    [InlineData("/v1/kv//double", "/v1/kv/double")]
    [InlineData("/v1/kv/space%20here", "/v1/kv/space+here")]
    [InlineData("/v1/kv/dot%252e%252e", "/v1/kv/dot..")]
    public async Task Different_keys_stay_different(string one, string other)
    {
        await node.SendAsync("PUT", one, "", "1");

        var get = await node.SendAsync("GET", other);

        Assert.Equal(404, get.Status);
        Assert.Equal("key-not-found", get.Code);
    }

    [Fact]
    public async Task Keys_show_in_json_as_text_or_base64()
    {
        await node.SendAsync("PUT", "/v1/kv64/AP__", "", "x");

        var page = (await node.SendAsync("GET", "/v1/kv?start64=AP__&end64=AP__AA")).Json;

        Assert.Equal("AP//", page.GetProperty("items")[0].GetProperty("keyBase64").GetString());
    }

    [Fact]
    public async Task The_longest_key_is_taken_and_one_byte_more_is_not()
    {
        var longest = new string('k', 4096);
        var escaped = string.Concat(Enumerable.Repeat("%6b", 4096));

        Assert.Equal(201, (await node.SendAsync("PUT", "/v1/kv/" + longest, "", "1")).Status);
        Assert.Equal(200, (await node.SendAsync("GET", "/v1/kv/" + escaped)).Status);
        Assert.Equal("key-too-long", (await node.SendAsync("GET", "/v1/kv/k" + longest)).Code);
        Assert.Equal("key-too-long", (await node.SendAsync("GET", "/v1/kv?prefix=k" + longest)).Code);
        var body = """{"then":[{"get":{"key":"k#"}}]}""".Replace("#", longest, StringComparison.Ordinal);
        Assert.Equal("key-too-long", (await node.SendAsync("POST", "/v1/txn", "", Encoding.UTF8.GetBytes(body))).Code);
    }
}
