using System.Globalization;
using System.Text.Json;
using RestKv.Testing;

namespace RestKv.Http.Tests.Auth;

/// <summary>What clients of etcd may still do when their login has ended under them, and how they learn of it.</summary>
public sealed class EndedLoginTests(AuthNode node) : IClassFixture<AuthNode>
{
    [Fact]
    public async Task Leases_of_a_login_that_has_ended_can_be_kept_alive_until_the_next_login()
    {
        await node.AddAsync("kim", """{"prefix":"kim/","access":"rw"}""");
        await node.AddAsync("lee", """{"prefix":"lee/","access":"rw"}""");
        using var kim = await LoggedInAsync("kim");
        using var lee = await LoggedInAsync("lee");
        var lease = await LeaseAsync(kim, "kim/leader");

        await EndLoginsAsync("kim");
        await EndLoginsAsync("lee");

        Assert.Equal("16", await CodeAsync(kim, "/v3/kv/put", Put("kim/leader", lease)));
        Assert.Equal("60", TtlOf(await KeepAliveAsync(kim, lease)));
        Assert.Equal("7", CodeOf(await KeepAliveAsync(lee, lease)));
        using var again = await LoggedInAsync("kim");
        Assert.Equal("", await CodeAsync(again, "/v3/kv/put", Put("kim/leader", lease)));
    }

    [Fact]
    public async Task A_login_keeps_nothing_alive_when_its_user_is_gone_or_may_no_more()
    {
        await node.AddAsync("max", """{"prefix":"max/","access":"rw"}""");
        await node.AddAsync("ida", """{"prefix":"ida/","access":"rw"}""");
        using var max = await LoggedInAsync("max");
        using var ida = await LoggedInAsync("ida");
        var (ofMax, ofIda) = (await LeaseAsync(max, "max/leader"), await LeaseAsync(ida, "ida/leader"));

        await EndLoginsAsync("ida");
        await AuthNode.MustAsync(node.Root, "DELETE", "/v1/auth/roles/ida");
        await AuthNode.MustAsync(node.Root, "DELETE", "/v1/auth/users/max");
        await node.AddAsync("max", """{"prefix":"max/","access":"rw"}""");

        Assert.Equal("16", CodeOf(await KeepAliveAsync(max, ofMax)));
        Assert.Equal("7", CodeOf(await KeepAliveAsync(ida, ofIda)));
    }

    [Fact]
    public async Task Who_never_logged_in_learns_no_more_than_that_a_lease_is_gone()
    {
        await node.AddAsync("uma", """{"prefix":"uma/","access":"rw"}""");
        using var uma = await LoggedInAsync("uma");
        var lease = await LeaseAsync(uma, "uma/leader");
        using var stranger = node.With(null);
        stranger.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "nobodysecretabcd.1");
        using var nobody = node.With(null);

        Assert.Equal("16", CodeOf(await KeepAliveAsync(stranger, lease)));
        Assert.Equal("", TtlOf(await KeepAliveAsync(stranger, "4711")));
        Assert.Equal("3", CodeOf(await KeepAliveAsync(nobody, lease)));
    }

    [Fact]
    public async Task A_watch_of_the_gateway_ends_with_the_login_it_was_opened_with()
    {
        await node.AddAsync("eva", """{"prefix":"eva/","access":"rw"}""");
        using var eva = await LoggedInAsync("eva");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v3/watch")
        {
            Content = new StringContent($$$"""{"create_request":{"key":"{{{Base64("eva/x")}}}"}}"""),
        };
        using var answer = await eva.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Contains("\"created\":true", await LineAsync(lines), StringComparison.Ordinal);

        await EndLoginsAsync("eva");

        Assert.Contains("\"canceled\":true", await LineAsync(lines), StringComparison.Ordinal);
        Assert.Contains("etcdserver: invalid auth token", await LineAsync(lines), StringComparison.Ordinal);
        Assert.Null(await LineAsync(lines));
    }

    private static Task<string?> LineAsync(StreamReader lines) => lines.ReadLineAsync().WaitAsync(Eventually.Deadline);

    private static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));

    private static string Put(string key, string lease) => $$"""{"key":"{{Base64(key)}}","value":"MQ==","lease":"{{lease}}"}""";

    private static Task<Answer> KeepAliveAsync(HttpClient client, string lease) =>
        AuthNode.AskAsync(client, "POST", "/v3/lease/keepalive", $$"""{"ID":"{{lease}}"}""");

    /// <summary>A lease of a minute that the key hangs on.</summary>
    private static async Task<string> LeaseAsync(HttpClient client, string key)
    {
        var lease = (await AuthNode.MustAsync(client, "POST", "/v3/lease/grant", """{"TTL":60}""")).GetProperty("ID").GetString()!;
        await AuthNode.MustAsync(client, "POST", "/v3/kv/put", Put(key, lease));
        return lease;
    }

    private static async Task<string> CodeAsync(HttpClient client, string path, string body) =>
        CodeOf(await AuthNode.AskAsync(client, "POST", path, body));

    /// <summary>Of gRPC; "" for none.</summary>
    private static string CodeOf(Answer answer)
    {
        var fault = answer.Json.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object ? error : answer.Json;
        return fault.TryGetProperty("grpc_code", out var code) || fault.TryGetProperty("code", out code)
            ? code.GetInt32().ToString(CultureInfo.InvariantCulture)
            : "";
    }

    private static string TtlOf(Answer answer) =>
        answer.Json.GetProperty("result").TryGetProperty("TTL", out var ttl) ? ttl.GetString()! : "";

    private async Task<HttpClient> LoggedInAsync(string user)
    {
        var client = node.With(null);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", await node.LoginAsync(user));
        return client;
    }

    /// <summary>A new password ends all logins, though it is the same.</summary>
    private async Task EndLoginsAsync(string user)
    {
        using var root = node.With(null);
        root.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", await node.LoginAsync("root", AuthNode.RootPassword));
        await AuthNode.MustAsync(
            root, "POST", "/v3/auth/user/changepw", $$"""{"name":"{{user}}","password":"{{AuthNode.Password}}"}""");
    }
}
