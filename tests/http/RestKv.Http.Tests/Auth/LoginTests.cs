using System.Net.Http.Headers;
using System.Text.Json;
using RestKv.Testing;

namespace RestKv.Http.Tests.Auth;

/// <summary>How somebody is recognised, and how not.</summary>
public sealed class LoginTests(AuthNode node) : IClassFixture<AuthNode>
{
    [Fact]
    public async Task A_token_of_a_login_is_good_in_every_spelling_and_until_the_logout()
    {
        var token = await node.LoginAsync("ann");
        using var bearer = node.With(new AuthenticationHeaderValue("Bearer", token));
        using var raw = node.With(null);
        raw.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", token);

        await AuthNode.MustAsync(bearer, "PUT", "/v1/kv/a/login", "1");
        await AuthNode.MustAsync(raw, "GET", "/v1/kv/a/login?format=json");
        var me = await AuthNode.MustAsync(bearer, "GET", "/v1/auth/me");
        Assert.Equal(("ann", "login"), (me.GetProperty("user").GetString(), me.GetProperty("method").GetString()));

        Assert.True((await AuthNode.MustAsync(bearer, "POST", "/v1/auth/logout")).GetProperty("ended").GetBoolean());
        Assert.Equal("unauthenticated", await AuthNode.CodeOfAsync(raw, "GET", "/v1/kv/a/login"));
    }

    [Fact]
    public async Task Whatever_is_no_good_gets_one_and_the_same_answer()
    {
        string?[] headers =
        [
            null, "", "Bearer", "Bearer ", "Bearer junk", "Bearer rkv_junk", "junk", "junk.55", "Digest x", "Basic", "Basic !!!", "Basic YQ==",
            "Basic " + Convert.ToBase64String("ann:wrong"u8), "Basic " + Convert.ToBase64String("nobody:wrong"u8),
            "Basic " + Convert.ToBase64String(":x"u8), "Bearer " + new string('x', 5000),
        ];
        var texts = new HashSet<string>();
        foreach (var header in headers)
        {
            var answer = await node.SendAsync("GET", "/v1/kv/a/x", header is null ? "" : $"Authorization: {header}\r\n");
            Assert.Equal((401, "unauthenticated"), (answer.Status, answer.Code));
            texts.Add(answer.Json.GetProperty("detail").GetString()!);
        }

        Assert.Single(texts);
    }

    [Fact]
    public async Task A_refusal_says_what_to_show_and_asks_no_browser_for_a_password()
    {
        using var client = node.With(null);
        var answer = await AuthNode.AskAsync(client, "GET", "/v1/kv/a/x");
        Assert.Equal(["Bearer", "Basic"], answer.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme));

        client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        answer = await AuthNode.AskAsync(client, "GET", "/v1/kv/a/x");
        Assert.Equal(["Bearer"], answer.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme));
    }

    [Fact]
    public async Task Logins_that_fail_do_not_say_why()
    {
        using var client = node.With(null);
        var wrong = await AuthNode.AskAsync(client, "POST", "/v1/auth/login", """{"user":"ann","password":"not the password"}""");
        var unknown = await AuthNode.AskAsync(client, "POST", "/v1/auth/login", """{"user":"nobody","password":"not the password"}""");

        Assert.Equal((401, "unauthenticated"), (wrong.Status, wrong.Code));
        Assert.Equal(Without(wrong), Without(unknown));

        static string Without(Answer answer) => string.Join(' ', answer.Json.EnumerateObject().Where(field => field.Name != "requestId"));
    }

    [Theory]
    [InlineData("/v1/kv/a/x?token=abc")]
    [InlineData("/v1/kv/a/x?format=json&access_token=abc")]
    [InlineData("/v1/watch?prefix=a/&Authorization=abc")]
    [InlineData("/livez?api_key=abc")]
    public async Task Secrets_in_addresses_are_refused(string target) =>
        Assert.Equal("token-in-url", (await node.SendAsync("GET", target)).Code);

    [Fact]
    public async Task An_api_token_is_shown_once_is_as_narrow_as_it_was_made_and_ends()
    {
        var made = await AuthNode.MustAsync(
            node.Ann, "POST", "/v1/auth/tokens", """{"name":"ci","scope":[{"prefix":"a/ci/","access":"rw"}],"ttl":"90d"}""");
        var secret = made.GetProperty("token").GetString()!;
        using var client = node.With(new AuthenticationHeaderValue("Bearer", secret));

        Assert.StartsWith("rkv_", secret, StringComparison.Ordinal);
        await AuthNode.MustAsync(client, "PUT", "/v1/kv/a/ci/1", "1");
        Assert.Equal("forbidden", await AuthNode.CodeOfAsync(client, "PUT", "/v1/kv/a/other", "1"));
        Assert.Equal("forbidden", await AuthNode.CodeOfAsync(client, "POST", "/v1/auth/tokens", """{"name":"more"}"""));
        var listed = await AuthNode.MustAsync(node.Ann, "GET", "/v1/auth/tokens");
        Assert.DoesNotContain(secret, listed.ToString(), StringComparison.Ordinal);
        Assert.Equal("token-not-found", await AuthNode.CodeOfAsync(node.Bob, "DELETE", "/v1/auth/tokens/" + IdOf(made)));
        Assert.Equal("ann", (await AuthNode.MustAsync(client, "GET", "/v1/auth/me")).GetProperty("user").GetString());

        await AuthNode.MustAsync(node.Ann, "DELETE", "/v1/auth/tokens/" + IdOf(made));
        Assert.Equal("unauthenticated", await AuthNode.CodeOfAsync(client, "PUT", "/v1/kv/a/ci/1", "1"));

        var shortLived = await AuthNode.MustAsync(node.Ann, "POST", "/v1/auth/tokens", """{"name":"short","ttl":"1s"}""");
        using var late = node.With(new AuthenticationHeaderValue("Bearer", shortLived.GetProperty("token").GetString()));
        await Eventually.TrueAsync(
            async () => await AuthNode.CodeOfAsync(late, "GET", "/v1/kv/a/x") == "token-expired", "the token is over");

        static string IdOf(JsonElement token) => token.GetProperty("id").GetString()!;
    }

    [Fact]
    public async Task A_cookie_logs_a_browser_in_on_its_own_site_only()
    {
        var answer = await node.SendAsync(
            "POST", "/v1/auth/session", "Content-Type: application/json\r\n", $$"""{"user":"ann","password":"{{AuthNode.Password}}"}""");
        var cookie = answer.Header("Set-Cookie")!;
        Assert.Equal(200, answer.Status);
        Assert.False(answer.Json.TryGetProperty("token", out _));
        foreach (var part in (string[])["__Host-restkv-session=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"])
        {
            Assert.Contains(part, cookie, StringComparison.Ordinal);
        }

        var pair = "Cookie: " + cookie[..cookie.IndexOf(';', StringComparison.Ordinal)] + "\r\n";
        Assert.Equal(404, (await node.SendAsync("GET", "/v1/kv/a/none", pair)).Status);
        Assert.Equal(404, (await node.SendAsync("GET", "/v1/kv/a/none", pair + "Sec-Fetch-Site: same-origin\r\n")).Status);
        Assert.Equal(401, (await node.SendAsync("GET", "/v1/kv/a/none", pair + "Sec-Fetch-Site: cross-site\r\n")).Status);
        Assert.Equal(401, (await node.SendAsync("GET", "/v1/kv/a/none", pair.Replace("session=", "session=x", StringComparison.Ordinal))).Status);

        // The secret of a cookie is none of a header.
        var secret = pair["Cookie: __Host-restkv-session=".Length..];
        Assert.Equal(401, (await node.SendAsync("GET", "/v1/kv/a/none", "Authorization: Bearer " + secret)).Status);
        Assert.Equal(200, (await node.SendAsync("POST", "/v1/auth/logout", pair)).Status);
        Assert.Equal(401, (await node.SendAsync("GET", "/v1/kv/a/none", pair)).Status);
    }

    [Fact]
    public async Task A_new_password_ends_sessions_and_the_old_password()
    {
        await node.AddAsync("eve", """{"prefix":"e/","access":"rw"}""");
        var token = await node.LoginAsync("eve");
        using var session = node.With(new AuthenticationHeaderValue("Bearer", token));
        using var basic = node.As("eve", AuthNode.Password);
        await AuthNode.MustAsync(session, "PUT", "/v1/kv/e/1", "1");
        await AuthNode.MustAsync(basic, "PUT", "/v1/kv/e/1", "1");

        await AuthNode.MustAsync(node.Root, "PUT", "/v1/auth/users/eve", """{"password":"quite another one"}""");

        Assert.Equal("unauthenticated", await AuthNode.CodeOfAsync(session, "PUT", "/v1/kv/e/1", "1"));
        Assert.Equal("unauthenticated", await AuthNode.CodeOfAsync(basic, "PUT", "/v1/kv/e/1", "1"));
        await node.LoginAsync("eve", "quite another one");
    }

    [Theory]
    [InlineData("short")]
    [InlineData("password1234")]
    [InlineData("123456789012")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("Administrator1!")]
    public async Task Passwords_that_are_guessed_first_are_refused(string password) =>
        Assert.Equal(
            "weak-password",
            await AuthNode.CodeOfAsync(node.Root, "POST", "/v1/auth/users", $$"""{"name":"weak","password":"{{password}}"}"""));

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\\u202eb")]
    [InlineData("a\\u0007")]
    public async Task Names_that_deceive_are_refused(string name) =>
        Assert.Equal(
            "invalid-name",
            await AuthNode.CodeOfAsync(node.Root, "POST", "/v1/auth/users", $$"""{"name":"{{name}}","password":"{{AuthNode.Password}}"}"""));
}
