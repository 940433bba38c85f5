using System.Net;
using RestKv.Core.Replication;
using RestKv.Http.Tests.Support;
using RestKv.Http.Tests.Watch;
using RestKv.Testing;

namespace RestKv.Http.Tests;

/// <summary>
/// A member that was outvoted in a comparison of states, as its clients see it. A member of its own for each test: there is no
/// way back but another start.
/// </summary>
public sealed class DivergedTests
{
    [Fact]
    public async Task Nothing_of_its_state_is_answered_and_every_refusal_says_why()
    {
        var node = new NodeFixture();
        await node.InitializeAsync();
        try
        {
            await node.SendAsync("PUT", "/v1/kv/k", "", "v");
            await OutvoteAsync(node);

            foreach (var target in new[]
            {
                "/v1/kv/k", "/v1/kv/k?consistency=local", "/v1/kv?prefix=", "/v1/kv?prefix=&consistency=local", "/v1/history/k",
                "/v1/leases", "/v1/members", "/v1/snapshot?consistency=local", "/v1/watch?prefix=", "/v1/kv/k?consistency=local&minRev=1",
            })
            {
                var accept = target.StartsWith("/v1/watch", StringComparison.Ordinal) ? "Accept: text/event-stream\r\n" : "";
                var read = await node.SendAsync("GET", target, accept);
                Assert.Equal((target, 503, "member-corrupt"), (target, read.Status, read.Code));
                Assert.Contains("ask another member", read.Text, StringComparison.Ordinal);
            }

            foreach (var (method, target) in new[] { ("PUT", "/v1/kv/k"), ("DELETE", "/v1/kv/k"), ("POST", "/v1/leases/1/keepalive") })
            {
                var write = await node.SendAsync(method, target, "", method == "PUT" ? "w" : "");
                Assert.Equal((target, 503, "member-corrupt"), (target, write.Status, write.Code));
                Assert.Equal("not-applied", write.Json.GetProperty("outcome").GetString());
            }

            var ready = await node.SendAsync("GET", "/readyz?verbose");
            Assert.Equal(503, ready.Status);
            Assert.Contains("state", ready.Text, StringComparison.Ordinal);
            var status = (await node.SendAsync("GET", "/v1/status")).Json;
            Assert.True(status.GetProperty("diverged").GetBoolean());
            Assert.False(status.GetProperty("ready").GetBoolean());
        }
        finally
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task Open_streams_and_long_polls_end_with_a_reason()
    {
        var node = new NodeFixture();
        await node.InitializeAsync();
        try
        {
            await node.SendAsync("PUT", "/v1/kv/k", "", "v");
            var lease = (await node.SendAsync("POST", "/v1/leases", "", """{"ttl":"60s"}""")).Json.GetProperty("id").GetString();
            await using var watch = await EventStream.OpenAsync(node.Client, "/v1/watch?prefix=");
            await using var hold = await EventStream.OpenAsync(node.Client, $"/v1/leases/{lease}/hold");
            await watch.NextAsync("open");
            await hold.NextAsync("held");
            using var asked = new HttpRequestMessage(HttpMethod.Get, "/v1/kv/absent?wait=60s");
            asked.Headers.TryAddWithoutValidation("If-None-Match", "\"0\"");
            var poll = node.Client.SendAsync(asked);
            await Eventually.TrueAsync(() => node.Node.Watches.OpenCount == 2, "the long poll to wait");

            await OutvoteAsync(node);

            var closing = await watch.NextAsync("closing");
            Assert.Equal("member-corrupt", closing.Data.GetProperty("reason").GetString());
            Assert.Null(await watch.NextAsync());
            Assert.Equal("member-corrupt", (await hold.NextAsync("closing")).Data.GetProperty("reason").GetString());
            Assert.Null(await hold.NextAsync());
            using var answer = await poll;
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }
        finally
        {
            await node.DisposeAsync();
        }
    }

    /// <summary>More than the system keeps between the two ends, in many lines and in few; who reads on then gets a part and no end.</summary>
    [Theory]
    [InlineData("/v1/kv?prefix=", 320, 100_000)]
    [InlineData("/v1/kv?prefix=", 32, 1_000_000)]
    [InlineData("/v1/kv?prefix=&sort=createRev", 32, 1_000_000)]
    [InlineData("/v1/snapshot", 32, 1_000_000)]
    public async Task What_is_under_way_when_it_is_outvoted_breaks_off_and_looks_like_nothing_whole(string target, int keys, int bytes)
    {
        var node = new NodeFixture();
        await node.InitializeAsync();
        try
        {
            var value = new byte[bytes];
            Array.Fill(value, (byte)'v');
            for (var i = 0; i < keys; i++)
            {
                Assert.Equal(201, (await node.SendAsync("PUT", $"/v1/kv/{i}", "", value)).Status);
            }

            using var request = new HttpRequestMessage(HttpMethod.Get, target);
            request.Headers.TryAddWithoutValidation("Accept", target == "/v1/snapshot" ? "*/*" : "application/x-ndjson");
            using var answer = await node.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

            await OutvoteAsync(node);

            await using var rest = await answer.Content.ReadAsStreamAsync();
            var part = new MemoryStream();
            await Assert.ThrowsAnyAsync<IOException>(() => rest.CopyToAsync(part).WaitAsync(Eventually.Deadline));
            Assert.NotEqual(0, part.Length);
            Assert.Equal(-1, part.ToArray().AsSpan().IndexOf("\"end\":true"u8));
        }
        finally
        {
            await node.DisposeAsync();
        }
    }

    /// <summary>The only voter is told that the only voter has another state: a majority against it.</summary>
    private static async Task OutvoteAsync(NodeFixture node)
    {
        var self = node.Node.Status.MemberId;
        node.Mailbox.Post(ReplicaEvent.Query((machine, _) =>
        {
            machine.StateChecks!.Marked(machine.AppliedIndex, machine.Store.Revision, 1);
            machine.StateChecks!.Reported(self, machine.AppliedIndex, 2);
        }));

        // It is published with whatever is applied next.
        await node.SendAsync("PUT", "/v1/kv/last", "", "v");
        await Eventually.TrueAsync(() => node.Node.HasDiverged, "the member to be outvoted");
    }
}
