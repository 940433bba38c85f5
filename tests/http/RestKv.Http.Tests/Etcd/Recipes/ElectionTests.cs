using Google.Protobuf;
using RestKv.Api.Etcd;
using RestKv.Api.Etcd.Messages;
using RestKv.Core.Model;
using RestKv.Testing;

namespace RestKv.Http.Tests.Etcd.Recipes;

/// <summary>The service Election: campaigns, what leaders say, and those who look on.</summary>
public sealed class ElectionTests(EtcdNodeFixture node) : IClassFixture<EtcdNodeFixture>
{
    private const string Campaign = "/v3electionpb.Election/Campaign";
    private const string Proclaim = "/v3electionpb.Election/Proclaim";
    private const string Leader = "/v3electionpb.Election/Leader";
    private const string Observe = "/v3electionpb.Election/Observe";
    private const string Resign = "/v3electionpb.Election/Resign";

    [Fact]
    public async Task A_winner_is_the_leader_until_it_resigns()
    {
        var lease = await node.GrantAsync();
        var won = await CampaignAsync("win", lease, "v1");

        Assert.Equal(("win", $"win/{lease.Value:x}", lease.Value), (won.Leader.Name.ToStringUtf8(), won.Leader.Key.ToStringUtf8(), won.Leader.Lease));
        Assert.Equal(won.Header.Revision, won.Leader.Rev);
        var leader = (await LeaderAsync("win")).Kv;
        Assert.Equal((won.Leader.Key, "v1", won.Leader.Rev), (leader.Key, leader.Value.ToStringUtf8(), leader.CreateRevision));

        var resigned = await ResignAsync(won.Leader);
        Assert.Equal(won.Header.Revision + 1, resigned.Header.Revision);
        Assert.Equal(resigned.Header.Revision, (await ResignAsync(won.Leader)).Header.Revision);
        Assert.Equal((GrpcCode.Unknown, "election: no leader"), Facts(await node.RefusedAsync(Leader, NameOf("win"))));
        Assert.Equal((GrpcCode.Unknown, "election: not leader"), Facts(await node.RefusedAsync(Proclaim, Proclamation(won.Leader, "v"))));
    }

    [Fact]
    public async Task A_leader_that_campaigns_again_proclaims()
    {
        var lease = await node.GrantAsync();
        var won = await CampaignAsync("again", lease, "v1");
        var same = await CampaignAsync("again", lease, "v1");
        var other = await CampaignAsync("again", lease, "v2");

        Assert.Equal((won.Leader, won.Leader), (same.Leader, other.Leader));
        Assert.Equal("v2", (await LeaderAsync("again")).Kv.Value.ToStringUtf8());
        await node.CallAsync<ProclaimResponse>(Proclaim, Proclamation(won.Leader, "v3"));
        Assert.True((await LeaderAsync("again")).Kv is { Version: 3 } leader && leader.Value.ToStringUtf8() == "v3");
    }

    [Fact]
    public async Task The_next_one_wins_when_the_leader_is_gone()
    {
        var (first, second) = (await node.GrantAsync(), await node.GrantAsync());
        await CampaignAsync("next", first, "first");
        var waiting = CampaignAsync("next", second, "second");
        await Eventually.TrueAsync(() => node.Node.Watches.OpenCount > 0, "the second waits");
        Assert.Equal("first", (await LeaderAsync("next")).Kv.Value.ToStringUtf8());

        await node.RevokeAsync(first);

        Assert.Equal($"next/{second.Value:x}", (await waiting).Leader.Key.ToStringUtf8());
        Assert.Equal("second", (await LeaderAsync("next")).Kv.Value.ToStringUtf8());
    }

    [Fact]
    public async Task Who_looks_on_sees_every_leader_and_every_value()
    {
        await using var stream = node.Open(Observe);
        stream.Send(NameOf("seen"));
        var (first, second) = (await node.GrantAsync(), await node.GrantAsync());
        await Eventually.TrueAsync(() => node.Node.Watches.OpenCount > 0, "it looks on");

        var won = await CampaignAsync("seen", first, "a");
        await node.CallAsync<ProclaimResponse>(Proclaim, Proclamation(won.Leader, "b"));
        var waiting = CampaignAsync("seen", second, "c");
        await Eventually.TrueAsync(() => node.Node.Watches.OpenCount > 1, "the second waits");
        await ResignAsync(won.Leader);
        await waiting;

        Assert.Equal("a", await SeenAsync(stream));
        Assert.Equal("b", await SeenAsync(stream));
        Assert.Equal("c", await SeenAsync(stream));

        // A late one sees the present leader at once.
        await using var late = node.Open(Observe);
        late.Send(NameOf("seen"));
        Assert.Equal("c", await SeenAsync(late));
        stream.Abort();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.Call.WaitAsync(Eventually.Deadline));
    }

    [Fact]
    public async Task Proclaiming_from_nothing_makes_the_key()
    {
        var lease = await node.GrantAsync();
        var claimed = new LeaderKey { Name = Bytes("nothing"), Key = Bytes("nothing/1"), Lease = lease.Value };
        await node.CallAsync<ProclaimResponse>(Proclaim, Proclamation(claimed, "v"));
        Assert.Equal("nothing/1", (await LeaderAsync("nothing")).Kv.Key.ToStringUtf8());
    }

    [Fact]
    public async Task Refusals_have_no_code_of_their_own()
    {
        var missing = (GrpcCode.Unknown, "\"leader\" field must be provided");
        Assert.Equal(missing, Facts(await node.RefusedAsync(Proclaim, new ProclaimRequest())));
        Assert.Equal(missing, Facts(await node.RefusedAsync(Resign, new ResignRequest())));
        Assert.Equal(
            (GrpcCode.Unknown, "etcdserver: requested lease not found"),
            Facts(await node.RefusedAsync(Campaign, new CampaignRequest { Name = Bytes("x"), Lease = 4_242 })));
    }

    private static ByteString Bytes(string text) => ByteString.CopyFromUtf8(text);

    private static LeaderRequest NameOf(string name) => new() { Name = Bytes(name) };

    private static ProclaimRequest Proclamation(LeaderKey leader, string value) => new() { Leader = leader, Value = Bytes(value) };

    private static (GrpcCode Code, string Text) Facts(EtcdFault fault) => (fault.Code, fault.Text);

    private static async Task<string> SeenAsync(EtcdStream stream)
    {
        var seen = await stream.NextAsync<LeaderResponse>();
        Assert.True(seen.Header.Revision >= seen.Kv.ModRevision);
        return seen.Kv.Value.ToStringUtf8();
    }

    private Task<CampaignResponse> CampaignAsync(string name, LeaseId lease, string value) => node.CallAsync<CampaignResponse>(
        Campaign, new CampaignRequest { Name = Bytes(name), Lease = lease.Value, Value = Bytes(value) });

    private Task<LeaderResponse> LeaderAsync(string name) => node.CallAsync<LeaderResponse>(Leader, NameOf(name));

    private Task<ResignResponse> ResignAsync(LeaderKey leader) =>
        node.CallAsync<ResignResponse>(Resign, new ResignRequest { Leader = leader });
}
