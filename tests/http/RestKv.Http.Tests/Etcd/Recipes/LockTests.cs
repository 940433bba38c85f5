using Google.Protobuf;
using RestKv.Api.Etcd;
using RestKv.Api.Etcd.Messages;
using RestKv.Core.Model;
using RestKv.Testing;

namespace RestKv.Http.Tests.Etcd.Recipes;

/// <summary>The service Lock: who holds, who waits, and what is left of those who give up.</summary>
public sealed class LockTests(EtcdNodeFixture node) : IClassFixture<EtcdNodeFixture>
{
    private const string Lock = "/v3lockpb.Lock/Lock";
    private const string Unlock = "/v3lockpb.Lock/Unlock";

    [Fact]
    public async Task The_first_holds_at_once_and_again_with_the_same_lease()
    {
        var lease = await node.GrantAsync();

        var first = await LockAsync("again", lease);
        var second = await LockAsync("again", lease);

        Assert.Equal(KeyOf("again", lease), first.Key.ToStringUtf8());
        Assert.Equal(first.Key, second.Key);
        Assert.True(node.Node.View.TryGet(first.Key.Span, out var pair));
        Assert.Equal((first.Header.Revision, lease, 0), (pair.CreateRevision, pair.Lease, pair.Value.Length));
    }

    [Fact]
    public async Task Others_wait_in_the_order_in_which_they_came()
    {
        var leases = new List<LeaseId>();
        for (var i = 0; i < 4; i++)
        {
            leases.Add(await node.GrantAsync());
        }

        var held = await LockAsync("line", leases[0]);
        var waiting = new List<Task<LockResponse>>();
        for (var i = 1; i < 4; i++)
        {
            waiting.Add(LockAsync("line", leases[i]));
            await WaitingAsync("line", leases[i], i);
        }

        for (var i = 0; i < 3; i++)
        {
            Assert.All(waiting.Skip(i), call => Assert.False(call.IsCompleted));
            await UnlockAsync(held.Key);
            held = await waiting[i].WaitAsync(Eventually.Deadline);
            Assert.Equal(KeyOf("line", leases[i + 1]), held.Key.ToStringUtf8());
        }
    }

    [Fact]
    public async Task A_lease_that_ends_lets_the_next_one_in()
    {
        var (first, second) = (await node.GrantAsync(), await node.GrantAsync());
        await LockAsync("expires", first);
        var waiting = LockAsync("expires", second);
        await WaitingAsync("expires", second, 1);

        await node.RevokeAsync(first);

        Assert.Equal(KeyOf("expires", second), (await waiting).Key.ToStringUtf8());
    }

    [Fact]
    public async Task Who_loses_the_key_while_waiting_is_told_so()
    {
        var (first, second) = (await node.GrantAsync(), await node.GrantAsync());
        await LockAsync("lost", first);
        var waiting = node.RefusedAsync(Lock, Request("lost", second.Value));
        await WaitingAsync("lost", second, 1);

        await node.RevokeAsync(second);

        Assert.Equal((GrpcCode.Unknown, "mutex: session is expired"), Facts(await waiting));
    }

    [Fact]
    public async Task Who_goes_away_while_waiting_is_out_of_line()
    {
        var (first, second, third) = (await node.GrantAsync(), await node.GrantAsync(), await node.GrantAsync());
        var held = await LockAsync("gone", first);
        using var client = new CancellationTokenSource();
        var giving = node.CallAsync<LockResponse>(Lock, Request("gone", second.Value), client.Token);
        await WaitingAsync("gone", second, 1);
        var waiting = LockAsync("gone", third);
        await WaitingAsync("gone", third, 2);

        await client.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => giving);
        Assert.False(node.Node.View.TryGet(System.Text.Encoding.UTF8.GetBytes(KeyOf("gone", second)), out _));
        Assert.False(waiting.IsCompleted);
        await UnlockAsync(held.Key);
        await waiting;
    }

    [Fact]
    public async Task Without_a_lease_there_is_one_of_a_minute()
    {
        var held = await node.CallAsync<LockResponse>(Lock, Request("own", 0));

        Assert.True(node.Node.View.TryGet(held.Key.Span, out var pair));
        Assert.Equal(KeyOf("own", pair.Lease), held.Key.ToStringUtf8());
        var lease = (await node.Node.QueryAsync(new(Leases: [pair.Lease]), CancellationToken.None)).Leases;
        Assert.Equal(60, Assert.Single(lease).GrantedTtlSeconds);
    }

    [Fact]
    public async Task Refusals_carry_their_own_codes()
    {
        Assert.Equal(
            (GrpcCode.NotFound, "etcdserver: requested lease not found"), Facts(await node.RefusedAsync(Lock, Request("l", 4_242))));
        Assert.Equal(
            (GrpcCode.InvalidArgument, "etcdserver: key is not provided"), Facts(await node.RefusedAsync(Unlock, new UnlockRequest())));
        await UnlockAsync(ByteString.CopyFromUtf8("never locked"));
    }

    [Fact]
    public async Task A_negative_lease_is_spelled_with_a_sign()
    {
        await node.SubmitAsync(new Core.Commands.Command.LeaseGrant(new LeaseId(-255), 60));
        Assert.Equal("signed/-ff", (await LockAsync("signed", new LeaseId(-255))).Key.ToStringUtf8());
        await node.RevokeAsync(new LeaseId(-255));
    }

    [Fact]
    public async Task Nobody_holds_together_with_another()
    {
        var holders = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            var lease = await node.GrantAsync();
            for (var i = 0; i < 10; i++)
            {
                var held = await LockAsync("busy", lease);
                Assert.Equal(1, Interlocked.Increment(ref holders));
                await Task.Yield();
                Interlocked.Decrement(ref holders);
                await UnlockAsync(held.Key);
            }
        }));
    }

    private static LockRequest Request(string name, long lease) => new() { Name = ByteString.CopyFromUtf8(name), Lease = lease };

    private static string KeyOf(string name, LeaseId lease) => $"{name}/{lease.Value:x}";

    private static (GrpcCode Code, string Text) Facts(EtcdFault fault) => (fault.Code, fault.Text);

    private Task<LockResponse> LockAsync(string name, LeaseId lease) => node.CallAsync<LockResponse>(Lock, Request(name, lease.Value));

    private Task<UnlockResponse> UnlockAsync(ByteString key) => node.CallAsync<UnlockResponse>(Unlock, new UnlockRequest { Key = key });

    /// <summary>The call is in line and waits for whoever is before it.</summary>
    private Task WaitingAsync(string name, LeaseId lease, int waits) => Eventually.TrueAsync(
        () => node.Node.View.TryGet(System.Text.Encoding.UTF8.GetBytes(KeyOf(name, lease)), out _)
            && node.Node.Watches.OpenCount >= waits,
        "the call waits");
}
