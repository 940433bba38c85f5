using RestKv.Api.Http;
using Microsoft.AspNetCore.Routing;
using RestKv.Api.Security.Auth;
using RestKv.Http.Tests.Watch;
using RestKv.Testing;

namespace RestKv.Http.Tests.Auth;

/// <summary>What somebody may do, route by route.</summary>
public sealed class RightsTests(AuthNode node) : IClassFixture<AuthNode>
{
    private const string Stream = "text/event-stream";

    [Theory]
    [InlineData("GET", "/v1/kv/a/1", "")]
    [InlineData("GET", "/v1/kv/b/1", "")]
    [InlineData("GET", "/v1/kv/c/1", "forbidden")]
    [InlineData("GET", "/v1/kv/c/none", "forbidden")]
    [InlineData("HEAD", "/v1/kv/c/1", "403")]
    [InlineData("GET", "/v1/kv64/Yy8x", "forbidden")]
    [InlineData("GET", "/v1/kv/c/1?rev=2&consistency=local", "forbidden")]
    [InlineData("GET", "/v1/kv?prefix=a/", "")]
    [InlineData("GET", "/v1/kv?start=a/&end=b/2", "forbidden")]
    [InlineData("GET", "/v1/kv?start=b/", "forbidden")]
    [InlineData("GET", "/v1/kv?prefix=", "forbidden")]
    [InlineData("GET", "/v1/kv?prefix=c/&countOnly=true", "forbidden")]
    [InlineData("GET", "/v1/kv?prefix=c/&values=none&delimiter=/", "forbidden")]
    [InlineData("GET", "/v1/kv?prefix=c/&sort=modRev", "forbidden")]
    [InlineData("GET", "/v1/kv?prefix=c/&format=ndjson", "forbidden")]
    [InlineData("GET", "/v1/kv?prefix=c/&since=1", "forbidden")]
    [InlineData("GET", "/v1/history/a/1", "")]
    [InlineData("GET", "/v1/history/c/1", "forbidden")]
    [InlineData("PUT", "/v1/kv/a/1", "")]
    [InlineData("PUT", "/v1/kv/b/1", "forbidden")]
    [InlineData("PUT", "/v1/kv/c/1", "")]
    [InlineData("PUT", "/v1/kv/c/1?prev=true", "forbidden")]
    [InlineData("DELETE", "/v1/kv/b/1", "forbidden")]
    [InlineData("DELETE", "/v1/kv?prefix=", "confirm-all")]
    [InlineData("DELETE", "/v1/kv?prefix=&all=true", "forbidden")]
    [InlineData("GET", "/v1/status", "")]
    [InlineData("GET", "/v1/members", "")]
    [InlineData("GET", "/v1/snapshot", "forbidden")]
    [InlineData("POST", "/v1/compact", "forbidden")]
    [InlineData("PUT", "/v1/retention", "forbidden")]
    [InlineData("POST", "/v1/members", "forbidden")]
    [InlineData("POST", "/v1/cluster/leader", "forbidden")]
    [InlineData("GET", "/v1/auth/users", "forbidden")]
    [InlineData("GET", "/v1/auth/users/ann", "")]
    [InlineData("GET", "/v1/auth/users/bob", "forbidden")]
    [InlineData("GET", "/v1/auth/roles/ann", "")]
    [InlineData("GET", "/v1/auth/roles/bob", "forbidden")]
    [InlineData("DELETE", "/v1/auth/users/ann", "forbidden")]
    [InlineData("DELETE", "/v1/auth/roles/ann", "forbidden")]
    public async Task Ann_may_what_her_role_says(string method, string target, string code)
    {
        await AuthNode.MustAsync(node.Root, "PUT", "/v1/kv/a/1", "1");
        await AuthNode.MustAsync(node.Root, "PUT", "/v1/kv/b/1", "1");
        await AuthNode.MustAsync(node.Root, "PUT", "/v1/kv/c/1", "1");

        Assert.Equal(code, await AuthNode.CodeOfAsync(node.Ann, method, target, method is "PUT" ? "1" : method is "POST" ? "{}" : null));
    }

    [Theory]
    [InlineData("""{"then":[{"put":{"key":"a/2","value":"1"}}]}""", "")]
    [InlineData("""{"if":[{"key":"c/1","exists":true}],"then":[{"put":{"key":"a/2","value":"1"}}]}""", "forbidden")]
    [InlineData("""{"then":[{"put":{"key":"a/2","value":"1"}}],"else":[{"delete":{"key":"b/1"}}]}""", "forbidden")]
    [InlineData("""{"then":[{"get":{"key":"c/1"}}]}""", "forbidden")]
    [InlineData("""{"then":[{"txn":{"else":[{"get":{"prefix":""}}]}}]}""", "forbidden")]
    public async Task No_part_of_a_transaction_is_a_way_around(string body, string code) =>
        Assert.Equal(code, await AuthNode.CodeOfAsync(node.Ann, "POST", "/v1/txn", body));

    [Fact]
    public async Task The_missing_right_is_named()
    {
        var answer = await AuthNode.AskAsync(node.Ann, "PUT", "/v1/kv/b/9", "1");

        Assert.Equal("write on \"b/9\" is missing", answer.Json.GetProperty("detail").GetString());
        Assert.Equal("not-applied", answer.Json.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Whoever_may_not_write_the_keys_of_a_lease_may_not_touch_it()
    {
        var id = (await AuthNode.MustAsync(node.Bob, "POST", "/v1/leases", """{"ttl":"1h"}""")).GetProperty("id").GetString();
        await AuthNode.MustAsync(node.Ann, "PUT", $"/v1/kv/a/leased?lease={id}", "1");

        Assert.Equal("forbidden", await AuthNode.CodeOfAsync(node.Bob, "PUT", $"/v1/kv/b/leased?lease={id}", "1"));
        Assert.Equal("forbidden", await AuthNode.CodeOfAsync(node.Bob, "POST", $"/v1/leases/{id}/keepalive"));
        Assert.Equal("forbidden", await AuthNode.CodeOfAsync(node.Bob, "POST", "/v1/leases/keepalive", $$"""{"ids":["{{id}}"]}"""));
        Assert.Equal("forbidden", await AuthNode.CodeOfAsync(node.Bob, "GET", $"/v1/leases/{id}?keys=true"));
        Assert.Equal("forbidden", await AuthNode.CodeOfAsync(node.Bob, "GET", $"/v1/leases/{id}"));
        Assert.Equal("forbidden", await AuthNode.CodeOfAsync(node.Bob, "GET", "/v1/leases"));
        Assert.Equal("forbidden", await AuthNode.CodeOfAsync(node.Bob, "DELETE", $"/v1/leases/{id}"));
        await AuthNode.MustAsync(node.Ann, "POST", $"/v1/leases/{id}/keepalive");
        await AuthNode.MustAsync(node.Ann, "GET", $"/v1/leases/{id}?keys=true");
        await AuthNode.MustAsync(node.Ann, "DELETE", $"/v1/leases/{id}");
    }

    [Fact]
    public async Task Outcomes_belong_to_who_wrote()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/kv/a/once") { Content = new StringContent("1") };
        request.Headers.Add("Idempotency-Key", "auth-outcome");
        (await node.Ann.SendAsync(request)).EnsureSuccessStatusCode();

        await AuthNode.MustAsync(node.Ann, "GET", "/v1/outcomes/auth-outcome");
        Assert.Equal("key-not-found", await AuthNode.CodeOfAsync(node.Bob, "GET", "/v1/outcomes/auth-outcome"));
    }

    [Fact]
    public async Task Ops_runs_the_cluster_and_no_users()
    {
        await AuthNode.MustAsync(node.Ops, "PUT", "/v1/retention", """{"revisions":100000,"age":"1h"}""");
        await AuthNode.MustAsync(node.Ops, "GET", "/v1/snapshot");
        Assert.Equal("forbidden", await AuthNode.CodeOfAsync(node.Ops, "POST", "/v1/auth/users", """{"name":"x"}"""));
        Assert.Equal("forbidden", await AuthNode.CodeOfAsync(node.Ops, "PUT", "/v1/auth/enabled", """{"enabled":false,"password":"x"}"""));
    }

    [Fact]
    public async Task Turning_it_off_needs_roots_password_once_more()
    {
        const string target = "/v1/auth/enabled";
        Assert.Equal("validation", await AuthNode.CodeOfAsync(node.Root, "PUT", target, """{"enabled":false}"""));
        Assert.Equal("forbidden", await AuthNode.CodeOfAsync(node.Root, "PUT", target, """{"enabled":false,"password":"guess"}"""));
        Assert.Equal("already-enabled", await AuthNode.CodeOfAsync(node.Root, "PUT", target, """{"enabled":true}"""));
        Assert.Equal("root-required", await AuthNode.CodeOfAsync(node.Root, "DELETE", "/v1/auth/users/root"));
        Assert.Equal("root-required", await AuthNode.CodeOfAsync(node.Root, "PUT", "/v1/auth/users/root", """{"roles":[]}"""));
    }

    [Fact]
    public async Task Anybody_may_ask_what_they_may_and_root_about_all()
    {
        Assert.True(await MayAsync(node.Ann, """{"access":"rw","prefix":"a/"}"""));
        Assert.False(await MayAsync(node.Ann, """{"access":"rw","prefix":"b/"}"""));
        Assert.True(await MayAsync(node.Root, """{"user":"bob","access":"w","key":"b/x"}"""));
        Assert.False(await MayAsync(node.Root, """{"user":"bob","access":"r","prefix":""}"""));
        Assert.Equal("forbidden", await AuthNode.CodeOfAsync(node.Ann, "POST", "/v1/auth/check", """{"user":"bob","access":"r","key":"b"}"""));

        static async Task<bool> MayAsync(HttpClient client, string body) =>
            (await AuthNode.MustAsync(client, "POST", "/v1/auth/check", body)).GetProperty("allowed").GetBoolean();
    }

    [Fact]
    public async Task A_watch_must_be_allowed_as_a_whole()
    {
        await using (await EventStream.OpenAsync(node.Ann, "/v1/watch?prefix=a/&prefix=b/"))
        {
        }

        string[] targets = ["/v1/watch?prefix=", "/v1/watch?start=a/1", "/v1/watch?prefix=a/&key=c/1", "/v1/kv/c/1", "/v1/kv?prefix=c/"];
        foreach (var target in targets)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, target);
            request.Headers.TryAddWithoutValidation("Accept", Stream);
            using var response = await node.Ann.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(System.Net.HttpStatusCode.Forbidden, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_stream_ends_when_a_right_is_taken_away_and_shows_nothing_written_since()
    {
        await node.AddAsync("fay", """{"prefix":"f/","access":"rw"},{"prefix":"g/","access":"r"}""");
        using var fay = node.As("fay", AuthNode.Password);
        await using var both = await EventStream.OpenAsync(fay, "/v1/watch?prefix=f/&prefix=g/");
        await using var one = await EventStream.OpenAsync(fay, "/v1/watch?prefix=f/");
        await both.NextAsync("open");
        await one.NextAsync("open");
        await AuthNode.MustAsync(node.Root, "PUT", "/v1/kv/g/1", "before");
        await both.NextAsync("put");

        await AuthNode.MustAsync(node.Root, "PUT", "/v1/auth/roles/fay", """{"permissions":[{"prefix":"f/","access":"r"}]}""");
        await AuthNode.MustAsync(node.Root, "PUT", "/v1/kv/g/1", "after");
        await AuthNode.MustAsync(node.Root, "PUT", "/v1/kv/f/1", "after");

        Assert.Equal("forbidden", (await both.NextAsync("problem")).Data.GetProperty("code").GetString());
        Assert.Equal("forbidden", (await both.NextAsync("closing")).Data.GetProperty("reason").GetString());
        Assert.Null(await both.NextAsync());
        Assert.Equal("f/1", (await one.NextChangeAsync()).Key);
    }

    [Fact]
    public async Task A_stream_ends_with_the_user()
    {
        await node.AddAsync("gil", """{"prefix":"h/","access":"r"}""");
        using var gil = node.As("gil", AuthNode.Password);
        await using var stream = await EventStream.OpenAsync(gil, "/v1/watch?prefix=h/");
        await stream.NextAsync("open");

        await AuthNode.MustAsync(node.Root, "DELETE", "/v1/auth/users/gil");

        Assert.Equal("auth-expired", (await stream.NextAsync("closing")).Data.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_ticket_opens_one_stream_of_its_keys()
    {
        var made = await AuthNode.MustAsync(node.Ann, "POST", "/v1/auth/ticket", """{"ranges":[{"prefix":"a/t/"}]}""");
        var ticket = made.GetProperty("ticket").GetString();
        using var nobody = node.With(null);
        await using (var stream = await EventStream.OpenAsync(nobody, $"/v1/watch?prefix=a/t/&ticket={ticket}"))
        {
            await stream.NextAsync("open");
            await AuthNode.MustAsync(node.Root, "PUT", "/v1/kv/a/t/1", "1");
            await stream.NextAsync("put");
        }

        Assert.Equal(401, await StatusOfAsync($"/v1/watch?prefix=a/t/&ticket={ticket}"));
        var other = await AuthNode.MustAsync(node.Ann, "POST", "/v1/auth/ticket", """{"ranges":[{"prefix":"a/t/"}]}""");
        Assert.Equal(403, await StatusOfAsync($"/v1/watch?prefix=a/&ticket={other.GetProperty("ticket").GetString()}"));
        Assert.Equal("forbidden", await AuthNode.CodeOfAsync(node.Ann, "POST", "/v1/auth/ticket", """{"ranges":[{"prefix":""}]}"""));

        async Task<int> StatusOfAsync(string target)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, target);
            request.Headers.TryAddWithoutValidation("Accept", Stream);
            using var response = await nobody.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            return (int)response.StatusCode;
        }
    }

    [Fact]
    public async Task A_long_poll_tells_nothing_that_was_forbidden_meanwhile()
    {
        await node.AddAsync("ida", """{"prefix":"i/","access":"r"}""");
        using var ida = node.As("ida", AuthNode.Password);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/kv/i/1?wait=1m");
        request.Headers.TryAddWithoutValidation("If-None-Match", "\"0\"");
        var poll = ida.SendAsync(request);
        await Eventually.TrueAsync(() => node.Node.Watches.OpenCount > 0, "the poll waits");

        await AuthNode.MustAsync(node.Root, "PUT", "/v1/auth/roles/ida", """{"permissions":[]}""");
        await AuthNode.MustAsync(node.Root, "PUT", "/v1/kv/i/1", "secret");

        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await poll).StatusCode);
    }

    [Fact]
    public async Task A_cursor_that_was_made_up_shows_nothing_outside_of_the_range()
    {
        await AuthNode.MustAsync(node.Root, "PUT", "/v1/kv/A-before", "1");
        await AuthNode.MustAsync(node.Root, "PUT", "/v1/kv/z-behind", "1");
        await AuthNode.MustAsync(node.Ann, "PUT", "/v1/kv/a/1", "1");
        await AuthNode.MustAsync(node.Ann, "PUT", "/v1/kv/a/2", "1");
        foreach (var order in (string[])["asc", "desc"])
        {
            var page = await AuthNode.MustAsync(node.Ann, "GET", $"/v1/kv?prefix=a/&limit=1&order={order}");
            var cursor = ListCursor.TryDecode(page.GetProperty("next").GetString()!)!;
            byte[][] places = [[0], [0xff, 0xff], "b"u8.ToArray(), "A"u8.ToArray()];
            foreach (var place in places)
            {
                foreach (var isGroup in (bool[])[false, true])
                {
                    var forged = (cursor with { Last = place, IsGroup = isGroup }).Encode();
                    var answer = await AuthNode.AskAsync(node.Ann, "GET", $"/v1/kv?prefix=a/&limit=100&order={order}&cursor={forged}");

                    Assert.DoesNotContain("before", answer.Text, StringComparison.Ordinal);
                    Assert.DoesNotContain("behind", answer.Text, StringComparison.Ordinal);
                    Assert.True(answer.Status < 500, answer.Text);
                }
            }
        }
    }

    [Fact]
    public async Task A_role_for_no_key_at_all_is_refused()
    {
        Assert.Equal("invalid-range", await AuthNode.CodeOfAsync(
            node.Root, "PUT", "/v1/auth/roles/nul", "{\"permissions\":[{\"start\":\"\",\"end\":\"\\u0000\",\"access\":\"rw\"}]}"));
    }

    [Fact]
    public async Task Details_are_for_readers_however_the_word_is_spelt()
    {
        Assert.Equal(401, (await node.SendAsync("GET", "/readyz?%76erbose", "Authorization: Bearer junk\r\n")).Status);
    }

    [Fact]
    public async Task Every_route_states_its_access_and_only_the_public_ones_answer_nobody()
    {
        string[] open =
        [
            "/", "/livez", "/readyz", "/health", "/version", "/problems", "/problems/{code}", "/v1/auth/login", "/v1/auth/session",
        ];
        foreach (var route in node.Endpoints.OfType<RouteEndpoint>().Where(route => route.RoutePattern.RawText is not null))
        {
            var path = "/" + route.RoutePattern.RawText!.TrimStart('/');
            var access = route.Metadata.GetMetadata<RouteAccessMetadata>()?.Access;
            Assert.True(access is not null, path);

            // What is no gRPC on a path of gRPC is told so, whoever asks; calls are judged where they are answered.
            var isOpen = open.Contains(path) || node.Service<Api.Etcd.Grpc.GrpcMethods>().Paths.Contains(path);
            Assert.True(isOpen == (access == RouteAccess.Public), path);
            if (access is RouteAccess.Public or RouteAccess.Reader)
            {
                continue;
            }

            var method = route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0];
            var target = System.Text.RegularExpressions.Regex.Replace(path, "{[^}]*}", "YQ");
            var answer = await node.SendAsync(
                method, target, "Content-Type: application/json\r\n", method is "GET" or "HEAD" ? [] : "{}"u8.ToArray());
            Assert.True(answer.Status == 401, $"{method} {target}: {answer.Status}");
        }
    }

    [Fact]
    public async Task Facts_for_monitoring_are_for_readers_or_this_machine()
    {
        // The test itself comes from this machine.
        Assert.Equal(200, (await node.SendAsync("GET", "/metrics")).Status);
        Assert.Equal(200, (await node.SendAsync("GET", "/readyz?verbose=true")).Status);
        Assert.Equal(401, (await node.SendAsync("GET", "/metrics", "Authorization: Bearer junk\r\n")).Status);
    }
}
