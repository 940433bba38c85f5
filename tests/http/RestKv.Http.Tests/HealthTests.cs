using System.Text.Json;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests;

public sealed class HealthTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task Probes_say_yes_and_answer_head_too()
    {
        var live = await node.SendAsync("GET", "/livez");
        var ready = await node.SendAsync("GET", "/readyz");
        var verbose = await node.SendAsync("GET", "/readyz?verbose");
        var excluded = await node.SendAsync("GET", "/readyz?verbose&exclude=read");
        var head = await node.SendAsync("HEAD", "/readyz");
        var health = await node.SendAsync("GET", "/health");

        Assert.Equal((200, "ok\n"), (live.Status, live.Text));
        Assert.Equal((200, "ok\n"), (ready.Status, ready.Text));
        Assert.Equal("[+]recovered ok\n[+]serving ok\n[+]state ok\n[+]directory ok\n[+]leader ok\n[+]read ok\nok\n", verbose.Text);
        Assert.DoesNotContain("read ok", excluded.Text, StringComparison.Ordinal);
        Assert.Equal((200, ""), (head.Status, head.Text));
        Assert.Equal("{\"health\":\"true\",\"reason\":\"\"}", health.Text);
    }

    [Fact]
    public async Task Clients_of_etcd_find_the_version_they_look_for()
    {
        var version = (await node.SendAsync("GET", "/version")).Json;

        Assert.Equal("3.5.16", version.GetProperty("etcdserver").GetString());
        Assert.Equal("3.5.0", version.GetProperty("etcdcluster").GetString());
        Assert.NotEmpty(version.GetProperty("restkv").GetString()!);
    }

    [Fact]
    public async Task Status_limits_quota_and_retention()
    {
        await node.SendAsync("PUT", "/v1/kv/status", "", "x");

        var status = (await node.SendAsync("GET", "/v1/status")).Json;
        var limits = (await node.SendAsync("GET", "/v1/limits")).Json;
        var quota = (await node.SendAsync("GET", "/v1/quota")).Json;
        var before = (await node.SendAsync("GET", "/v1/retention")).Json;
        var set = (await node.SendAsync("PUT", "/v1/retention", "", """{"revisions":500,"age":5400}""")).Json;
        var after = (await node.SendAsync("GET", "/v1/retention?pretty")).Json;

        Assert.Equal("leader", status.GetProperty("role").GetString());
        Assert.True(status.GetProperty("ready").GetBoolean());
        Assert.Equal(node.Node.View.Revision, status.GetProperty("rev").GetInt64());
        Assert.Equal(status.GetProperty("member").GetString(), status.GetProperty("leader").GetString());
        Assert.Equal(limits.GetRawText(), status.GetProperty("limits").GetRawText());
        Assert.Equal(1 << 20, limits.GetProperty("valueBytesMax").GetInt64());
        Assert.Equal(4096, limits.GetProperty("keyBytesMax").GetInt64());
        Assert.InRange(quota.GetProperty("usedBytes").GetInt64(), 1, quota.GetProperty("quotaBytes").GetInt64());
        Assert.False(quota.GetProperty("full").GetBoolean());
        Assert.Equal((100_000, "1h"), (before.GetProperty("revisions").GetInt64(), before.GetProperty("age").GetString()));
        Assert.Equal("1h30m", set.GetProperty("age").GetString());
        Assert.Equal((500, "1h30m"), (after.GetProperty("revisions").GetInt64(), after.GetProperty("age").GetString()));
    }

    [Fact]
    public async Task Every_problem_is_explained_on_the_spot()
    {
        var all = (await node.SendAsync("GET", "/problems")).Json.GetProperty("problems").EnumerateArray().ToList();

        Assert.Equal(all.Count, all.Select(problem => problem.GetProperty("code").GetString()).Distinct().Count());
        foreach (var problem in all)
        {
            var one = await node.SendAsync("GET", problem.GetProperty("type").GetString()!);
            Assert.Equal(200, one.Status);
            Assert.Equal(problem.GetRawText(), one.Json.GetRawText());
            Assert.InRange(problem.GetProperty("status").GetInt32(), 400, 599);
            Assert.EndsWith(".", problem.GetProperty("cause").GetString(), StringComparison.Ordinal);
            Assert.EndsWith(".", problem.GetProperty("remedy").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_root_leads_browsers_to_the_page_and_programs_to_the_routes()
    {
        var browser = await node.SendAsync("GET", "/", "Accept: text/html,application/xhtml+xml,*/*;q=0.8");
        var program = await node.SendAsync("GET", "/", "Accept: */*");

        Assert.Equal((302, "/docs"), (browser.Status, browser.Header("Location")));
        Assert.Equal(200, program.Status);
        foreach (var name in (string[])["openapi", "status", "problems"])
        {
            Assert.Equal(200, (await node.SendAsync("GET", program.Json.GetProperty(name).GetString()!)).Status);
        }

        Assert.Equal("/docs", program.Json.GetProperty("docs").GetString());
    }

    [Fact]
    public async Task Status_tells_cluster_time_as_a_duration_and_the_size_of_the_log()
    {
        var status = (await node.SendAsync("GET", "/v1/status")).Json;

        Assert.InRange(status.GetProperty("clusterTimeMs").GetInt64(), 0, long.MaxValue);
        Assert.False(status.TryGetProperty("clusterTime", out _));

        // One segment at least, preallocated at its full size.
        Assert.InRange(status.GetProperty("walBytes").GetInt64(), 1 << 20, 64 << 20);
    }

    [Fact]
    public async Task Metrics_tell_how_watches_keep_up_and_how_long_batches_take()
    {
        await node.SendAsync("PUT", "/v1/kv/metrics", "", "x");

        var lines = (await node.SendAsync("GET", "/metrics")).Text.Split('\n');

        Assert.Contains("restkv_watch_slow 0", lines);
        Assert.Contains("restkv_watch_lag_revisions 0", lines);
        var count = lines.Single(line => line.StartsWith("restkv_apply_duration_seconds_count ", StringComparison.Ordinal));
        Assert.NotEqual("restkv_apply_duration_seconds_count 0", count);
    }

    [Fact]
    public async Task The_page_shows_the_document_under_a_policy_of_its_own()
    {
        var page = await node.SendAsync("GET", "/docs/index.html");
        var script = await node.SendAsync("GET", "/docs/index.js");
        var redirect = await node.SendAsync("GET", "/docs");

        Assert.Equal(200, page.Status);
        Assert.Contains("script-src 'self';", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page.Text, StringComparison.Ordinal);
        Assert.Contains("/openapi/v1.json", page.Text + script.Text, StringComparison.Ordinal);
        Assert.InRange(redirect.Status, 301, 302);
    }

    [Fact]
    public async Task The_document_is_served_as_json_and_yaml()
    {
        var json = await node.SendAsync("GET", "/openapi/v1.json");
        var yaml = await node.SendAsync("GET", "/openapi/v1.yaml");

        Assert.Equal("3.1.1", json.Json.GetProperty("openapi").GetString());
        Assert.StartsWith("openapi: '3.1.1'", yaml.Text, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Object, json.Json.GetProperty("paths").GetProperty("/v1/kv/{key}").ValueKind);
    }
}
