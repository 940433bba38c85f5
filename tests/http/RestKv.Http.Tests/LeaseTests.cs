using RestKv.Http.Tests.Support;
using RestKv.Testing;

namespace RestKv.Http.Tests;

public sealed class LeaseTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task A_lease_is_granted_seen_kept_and_revoked()
    {
        var grant = await node.SendAsync("POST", "/v1/leases", "", """{"ttl":"1h30m"}""");
        var id = grant.Json.GetProperty("id").GetString();
        await node.SendAsync("PUT", $"/v1/kv/l/b?lease={id}", "", "1");
        await node.SendAsync("PUT", $"/v1/kv64/_w?lease={id}", "", "2");

        var lease = (await node.SendAsync("GET", $"/v1/leases/{id}?keys=true")).Json;
        var plain = (await node.SendAsync("GET", $"/v1/leases/{id}")).Json;
        var kept = (await node.SendAsync("POST", $"/v1/leases/{id}/keepalive")).Json;
        var entry = await node.SendAsync("GET", "/v1/kv/l/b?format=json");
        var raw = await node.SendAsync("GET", "/v1/kv/l/b");
        var listed = (await node.SendAsync("GET", "/v1/kv?key=l/b")).Json.GetProperty("items")[0];
        var revoked = await node.SendAsync("DELETE", $"/v1/leases/{id}");

        Assert.Equal(201, grant.Status);
        Assert.Equal(5400, grant.Json.GetProperty("ttl").GetInt64());
        Assert.Equal($"/v1/leases/{id}", grant.Header("Location"));
        Assert.Equal("l/b", lease.GetProperty("keys")[0].GetProperty("key").GetString());
        Assert.Equal("/w==", lease.GetProperty("keys")[1].GetProperty("keyBase64").GetString());
        Assert.InRange(lease.GetProperty("ttl").GetInt64(), 5000, 5400);
        Assert.Equal(5400, lease.GetProperty("grantedTtl").GetInt64());
        Assert.False(plain.TryGetProperty("keys", out _));
        Assert.Equal(5400, kept.GetProperty("ttl").GetInt64());
        Assert.Equal(id, entry.Json.GetProperty("lease").GetString());
        Assert.InRange(entry.Json.GetProperty("ttl").GetInt64(), 5000, 5400);
        Assert.Equal(id, raw.Header("Kv-Lease"));
        Assert.NotNull(raw.Header("Kv-Ttl"));
        Assert.InRange(listed.GetProperty("ttl").GetInt64(), 5000, 5400);
        Assert.Equal(2, revoked.Json.GetProperty("deletedKeys").GetInt64());
        Assert.Equal(404, (await node.SendAsync("GET", "/v1/kv/l/b")).Status);
        Assert.Equal("revoke", (await node.SendAsync("GET", "/v1/history/l/b")).Json.GetProperty("versions")[0].GetProperty("cause").GetString());
    }

    [Fact]
    public async Task An_id_of_ones_own_is_taken_once()
    {
        var first = await node.SendAsync("POST", "/v1/leases", "", """{"ttl":60,"id":"1f3A"}""");
        var second = await node.SendAsync("POST", "/v1/leases", "", """{"ttl":60,"id":"1f3a"}""");

        Assert.Equal("0000000000001f3a", first.Json.GetProperty("id").GetString());
        Assert.Equal((409, "lease-exists"), (second.Status, second.Code));
        Assert.Equal(200, (await node.SendAsync("GET", "/v1/leases/1f3a")).Status);
    }

    [Fact]
    public async Task Many_leases_are_kept_alive_at_once_and_listed_in_pages()
    {
        foreach (var id in (string[])["a1", "a2", "a3"])
        {
            await node.SendAsync("POST", "/v1/leases", "", $$"""{"ttl":60,"id":"{{id}}"}""");
        }

        var kept = (await node.SendAsync("POST", "/v1/leases/keepalive", "", """{"ids":["a1","dead","a3"]}""")).Json.GetProperty("leases");
        var ids = new List<string>();
        var target = "/v1/leases?limit=1";
        while (target.Length > 0)
        {
            var page = (await node.SendAsync("GET", target)).Json;
            ids.AddRange(page.GetProperty("leases").EnumerateArray().Select(lease => lease.GetProperty("id").GetString()!));
            target = page.TryGetProperty("next", out var next) ? $"/v1/leases?limit=1&cursor={next.GetString()}" : "";
        }

        Assert.Equal(60, kept[0].GetProperty("ttl").GetInt64());
        Assert.Equal("lease-not-found", kept[1].GetProperty("code").GetString());
        Assert.Equal(60, kept[2].GetProperty("ttl").GetInt64());
        Assert.All((string[])["00000000000000a1", "00000000000000a2", "00000000000000a3"], id => Assert.Contains(id, ids));
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public async Task A_key_with_a_ttl_goes_away_by_itself()
    {
        var put = await node.SendAsync("PUT", "/v1/kv/l/ttl?ttl=1", "", "x");

        await Eventually.TrueAsync(async () => (await node.SendAsync("GET", "/v1/kv/l/ttl")).Status == 404, "the key expires");
        var history = (await node.SendAsync("GET", "/v1/history/l/ttl")).Json.GetProperty("versions");

        Assert.Equal(1, put.Json.GetProperty("ttl").GetInt64());
        Assert.Equal("expire", history[0].GetProperty("cause").GetString());
    }

    [Fact]
    public async Task A_plain_put_detaches_and_keep_lease_does_not()
    {
        var id = (await node.SendAsync("POST", "/v1/leases", "", """{"ttl":60}""")).Json.GetProperty("id").GetString();
        await node.SendAsync("PUT", $"/v1/kv/l/keep?lease={id}", "", "1");

        await node.SendAsync("PUT", "/v1/kv/l/keep?keepLease=true", "", "2");
        var kept = await node.SendAsync("GET", "/v1/kv/l/keep");
        await node.SendAsync("PUT", "/v1/kv/l/keep", "", "3");
        var detached = await node.SendAsync("GET", "/v1/kv/l/keep");
        var fresh = await node.SendAsync("PUT", "/v1/kv/l/keep-new?keepLease=true", "", "1");

        Assert.Equal(id, kept.Header("Kv-Lease"));
        Assert.Null(detached.Header("Kv-Lease"));
        Assert.Equal(201, fresh.Status);
    }

    [Fact]
    public async Task A_held_lease_lives_as_long_as_the_connection()
    {
        var id = (await node.SendAsync("POST", "/v1/leases", "", """{"ttl":3}""")).Json.GetProperty("id").GetString();
        await node.SendAsync("PUT", $"/v1/kv/l/held?lease={id}", "", "here");

        await using (var connection = await node.ConnectAsync())
        {
            await connection.WriteAsync(System.Text.Encoding.ASCII.GetBytes(
                $"GET /v1/leases/{id}/hold?revokeOnClose=true HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"));
            Assert.Contains("text/event-stream", await connection.ReadUntilAsync("\r\n\r\n"), StringComparison.Ordinal);
            var held = await connection.ReadUntilAsync("\n\n");
            Assert.Contains("event: held\ndata: {\"id\":\"" + id + "\",\"ttl\":3}", held, StringComparison.Ordinal);

            // Longer than the lease lives by itself, measured in the store's own time.
            var until = node.Node.Status.ClusterTimeMs + 4000;
            await Eventually.TrueAsync(
                async () =>
                {
                    await node.SendAsync("PUT", "/v1/kv/l/clock", "", "tick");
                    return node.Node.Status.ClusterTimeMs > until;
                },
                "four seconds of cluster time");
            Assert.Equal(200, (await node.SendAsync("GET", "/v1/kv/l/held")).Status);
        }

        await Eventually.TrueAsync(async () => (await node.SendAsync("GET", "/v1/kv/l/held")).Status == 404, "the lease is revoked");
        var history = (await node.SendAsync("GET", "/v1/history/l/held")).Json.GetProperty("versions");
        Assert.Equal("revoke", history[0].GetProperty("cause").GetString());
    }

    [Fact]
    public async Task A_holder_is_told_long_before_its_next_renewal()
    {
        // The first renewal of this lease is due after twenty minutes.
        var id = (await node.SendAsync("POST", "/v1/leases", "", """{"ttl":3600}""")).Json.GetProperty("id").GetString();
        await using var connection = await node.ConnectAsync();
        await connection.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET /v1/leases/{id}/hold HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        await connection.ReadUntilAsync("event: held");

        await node.SendAsync("DELETE", $"/v1/leases/{id}");

        Assert.NotNull(await connection.ReadUntilAsync("event: lost\ndata: {\"id\":\"" + id + "\"}\n\n"));
    }

    [Fact]
    public async Task A_holder_is_told_when_the_lease_is_gone()
    {
        var id = (await node.SendAsync("POST", "/v1/leases", "", """{"ttl":3}""")).Json.GetProperty("id").GetString();
        await using var connection = await node.ConnectAsync();
        await connection.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET /v1/leases/{id}/hold HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        await connection.ReadUntilAsync("event: held");

        await node.SendAsync("DELETE", $"/v1/leases/{id}");

        Assert.NotNull(await connection.ReadUntilAsync("event: lost\ndata: {\"id\":\"" + id + "\"}\n\n"));
    }
}
