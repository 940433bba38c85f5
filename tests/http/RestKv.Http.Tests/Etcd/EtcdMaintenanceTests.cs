using System.Security.Cryptography;
using System.Text.Json;
using RestKv.Api.Hosting;
using RestKv.Http.Tests.Support;
using RestKv.Storage;
using RestKv.Testing;
using static RestKv.Http.Tests.Etcd.EtcdRequests;

namespace RestKv.Http.Tests.Etcd;

/// <summary>Status, alarms, hashes, snapshots and what probes made for etcd ask. A store of its own: alarms are everybody's.</summary>
public sealed class EtcdMaintenanceTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    private const string NoSpace = "etcdserver: mvcc: database space exceeded";
    private const string Corrupt = "etcdserver: corrupt cluster";

    [Fact]
    public async Task Status_tells_what_etcd_tells()
    {
        await node.DoAsync("kv/put", """{"key":"c3RhdHVz"}""");

        var status = await node.DoAsync("maintenance/status", "{}");

        Assert.Equal("3.5.16", status.GetProperty("version").GetString());
        Assert.Equal(status.GetProperty("header").GetProperty("member_id").GetString(), status.GetProperty("leader").GetString());
        string[] numbers = ["dbSize", "dbSizeInUse", "raftIndex", "raftAppliedIndex", "raftTerm"];
        Assert.All(numbers, name => Assert.True(status.Number(name) > 0, name));
        Assert.True(status.Number("dbSize") >= status.Number("dbSizeInUse"));
        Assert.False(status.TryGetProperty("errors", out _));
    }

    [Fact]
    public async Task Nospace_refuses_what_grows_on_every_way_in()
    {
        var id = (await node.DoAsync("maintenance/status", "{}")).GetProperty("leader").GetString();
        var alarm = $$"""{"memberID":"{{id}}","alarm":"NOSPACE"}""";
        var raised = await node.DoAsync("maintenance/alarm", $$"""{"action":"ACTIVATE","memberID":"{{id}}","alarm":"NOSPACE"}""");
        try
        {
            Assert.Equal($$"""{"alarms":[{{alarm}}]}""", raised.Body());
            await node.RefusesAsync("kv/put", """{"key":"YQ=="}""", 429, 8, NoSpace);
            await node.RefusesAsync("lease/grant", """{"TTL":"60"}""", 429, 8, NoSpace);
            await node.RefusesAsync("kv/txn", """{"failure":[{"request_put":{"key":"YQ=="}}]}""", 429, 8, NoSpace);
            Assert.Equal(507, (await node.SendAsync("PUT", "/v1/kv/a", "", "x")).Status);
            await node.DoAsync("kv/deleterange", """{"key":"YQ=="}""");
            await node.DoAsync("kv/range", """{"key":"YQ=="}""");
            var health = await node.SendAsync("GET", "/health");
            Assert.Equal((503, """{"health":"false","reason":"ALARM NOSPACE"}"""), (health.Status, health.Text.TrimEnd()));
            Assert.Equal(200, (await node.SendAsync("GET", "/health?exclude=CORRUPT&exclude=NOSPACE")).Status);
            var errors = (await node.DoAsync("maintenance/status", "{}")).GetProperty("errors");
            Assert.Equal($"memberID:{id} alarm:NOSPACE ", errors[0].GetString());
        }
        finally
        {
            var lowered = await node.DoAsync("maintenance/alarm", $$"""{"action":"DEACTIVATE","memberID":"{{id}}","alarm":"NOSPACE"}""");
            Assert.Equal($$"""{"alarms":[{{alarm}}]}""", lowered.Body());
        }

        Assert.Equal("{}", (await node.DoAsync("maintenance/alarm", "{}")).Body());
        await node.DoAsync("kv/put", """{"key":"YQ=="}""");
    }

    [Fact]
    public async Task Corrupt_refuses_every_write()
    {
        await node.DoAsync("maintenance/alarm", """{"action":"ACTIVATE","memberID":"5","alarm":"CORRUPT"}""");
        try
        {
            await node.RefusesAsync("kv/put", """{"key":"YQ=="}""", 500, 15, Corrupt);
            await node.RefusesAsync("kv/deleterange", """{"key":"YQ=="}""", 500, 15, Corrupt);
            await node.RefusesAsync("kv/txn", """{"success":[{"request_delete_range":{"key":"YQ=="}}]}""", 500, 15, Corrupt);
            await node.RefusesAsync("kv/compaction", """{"revision":"1"}""", 500, 15, Corrupt);
            await node.RefusesAsync("lease/grant", """{"TTL":"60"}""", 500, 15, Corrupt);
            await node.DoAsync("kv/txn", """{"success":[{"request_range":{"key":"YQ=="}}]}""");
            await node.DoAsync("kv/range", """{"key":"YQ=="}""");
            Assert.Equal("member-corrupt", (await node.SendAsync("PUT", "/v1/kv/a", "", "x")).Code);
        }
        finally
        {
            await node.DoAsync("maintenance/alarm", """{"action":"DEACTIVATE","memberID":"5","alarm":"CORRUPT"}""");
        }

        Assert.Equal("{}", (await node.DoAsync("maintenance/alarm", """{"action":"DEACTIVATE","memberID":"5","alarm":"CORRUPT"}""")).Body());
        Assert.Equal("{}", (await node.DoAsync("maintenance/alarm", """{"action":"ACTIVATE"}""")).Body());
    }

    [Fact]
    public async Task Hashes_are_of_a_revision()
    {
        var revision = (await node.DoAsync("kv/put", """{"key":"aGFzaA==","value":"MQ=="}""")).Revision();
        var before = await node.DoAsync("maintenance/hashkv", "{}");
        await node.DoAsync("kv/put", """{"key":"aGFzaA==","value":"Mg=="}""");

        var after = await node.DoAsync("maintenance/hashkv", "{}");
        var past = await node.DoAsync("maintenance/hashkv", $$"""{"revision":"{{revision}}"}""");

        Assert.Equal(JsonValueKind.Number, before.GetProperty("hash").ValueKind);
        Assert.Equal(before.GetProperty("hash").GetUInt32(), past.GetProperty("hash").GetUInt32());
        Assert.NotEqual(before.GetProperty("hash").GetUInt32(), after.GetProperty("hash").GetUInt32());
        await node.RefusesAsync(
            "maintenance/hashkv", """{"revision":"9000000"}""", 400, 11, "etcdserver: mvcc: required revision is a future revision");
        Assert.True((await node.DoAsync("maintenance/hash", "{}")).GetProperty("hash").GetUInt32() > 0);
    }

    [Fact]
    public async Task What_needs_no_work_is_answered_at_once()
    {
        var id = (await node.DoAsync("maintenance/status", "{}")).GetProperty("leader").GetString();

        Assert.Equal("{}", (await node.DoAsync("maintenance/defragment", "{}")).GetRawText());
        Assert.Equal("{}", (await node.DoAsync("maintenance/transfer-leadership", $$"""{"targetID":"{{id}}"}""")).GetRawText());
        await node.RefusesAsync(
            "maintenance/transfer-leadership", """{"targetID":"42"}""", 400, 9, "etcdserver: bad leader transferee");
        await node.RefusesAsync(
            "maintenance/downgrade", """{"version":"abc"}""", 400, 3, "etcdserver: wrong downgrade target version format");
        await node.RefusesAsync(
            "maintenance/downgrade", """{"version":"3.3.0"}""", 400, 3, "etcdserver: invalid downgrade target version");
        Assert.Equal("""{"version":"3.5.0"}""", (await node.DoAsync("maintenance/downgrade", """{"version":"3.4.0"}""")).Body());
    }

    [Fact]
    public async Task A_snapshot_comes_in_lines_of_one_chunk_each_and_can_be_restored()
    {
        using var folder = new TempFolder();
        await node.DoAsync("kv/put", $$"""{"key":"{{B("backup")}}","value":"{{Convert.ToBase64String(new byte[100_000])}}"}""");
        await using var connection = await node.ConnectAsync();
        await connection.WriteAsync("POST /v3/maintenance/snapshot HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray());
        Assert.StartsWith("HTTP/1.1 200", await connection.ReadUntilAsync("\r\n\r\n"), StringComparison.Ordinal);

        var pieces = new List<(byte[] Blob, long Left)>();
        while (await connection.ReadUntilAsync("\r\n") is { } size && size != "0\r\n")
        {
            var line = await connection.ReadUntilAsync("\r\n");
            Assert.Equal(Convert.ToInt32(size.Trim(), 16), line!.Length - 2);
            Assert.EndsWith("\n\r\n", line, StringComparison.Ordinal);
            var result = JsonDocument.Parse(line).RootElement.GetProperty("result");
            pieces.Add((result.GetProperty("blob").GetBytesFromBase64(), result.Number("remaining_bytes")));
        }

        var content = pieces.SkipLast(1).SelectMany(piece => piece.Blob).ToArray();
        Assert.Equal(SHA256.HashData(content), pieces[^1].Blob);
        Assert.Equal((0, 0), (pieces[^2].Left, pieces[^1].Left));
        Assert.Equal(content.Length - pieces[0].Blob.Length, pieces[0].Left);
        Assert.Equal(0, content.Length % 512);
        var file = Path.Combine(folder.Path, "etcd.snap");
        byte[] whole = [.. content, .. pieces[^1].Blob];
        await File.WriteAllBytesAsync(file, whole);
        Assert.True(BackupRestore.Check(file).Keys > 0);
        foreach (var place in (int[])[100, whole.Length / 2, whole.Length - 33, whole.Length - 1])
        {
            var damaged = whole.ToArray();
            damaged[place] ^= 1;
            await File.WriteAllBytesAsync(file, damaged);
            Assert.ThrowsAny<CorruptDataException>(() => BackupRestore.Check(file));
        }

        await File.WriteAllBytesAsync(file, whole[..^1]);
        Assert.ThrowsAny<CorruptDataException>(() => BackupRestore.Check(file));
    }

    [Fact]
    public async Task Probes_made_for_etcd_find_what_they_look_for_and_scrapers_only_when_asked()
    {
        var health = await node.SendAsync("GET", "/health?serializable=true");
        var metrics = await node.SendAsync("GET", "/metrics");

        Assert.Equal((200, """{"health":"true","reason":""}"""), (health.Status, health.Text));
        Assert.DoesNotContain("\netcd_", metrics.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\ngrpc_server_", metrics.Text, StringComparison.Ordinal);
        Assert.Equal(405, (await node.SendAsync("POST", "/health")).Status);
        Assert.Equal(405, (await node.SendAsync("POST", "/version")).Status);
    }
}
