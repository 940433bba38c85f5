using RestKv.Api.Etcd;
using RestKv.Api.Etcd.Messages;
using RestKv.Core.Model;
using RestKv.Testing;

namespace RestKv.Http.Tests.Etcd.Recipes;

/// <summary>Lease.LeaseKeepAlive, a stream of renewals.</summary>
public sealed class KeepAliveTests
{
    private const string KeepAlive = "/etcdserverpb.Lease/LeaseKeepAlive";

    [Fact]
    public async Task Each_request_has_its_answer_and_a_lease_that_is_gone_has_no_time()
    {
        await WithNodeAsync(async node =>
        {
            var (first, second) = (await node.GrantAsync(30), await node.GrantAsync(60));
            await using var stream = node.Open(KeepAlive);
            foreach (var id in new[] { first.Value, 4_242, second.Value, 0, first.Value })
            {
                stream.Send(new LeaseKeepAliveRequest { ID = id });
            }

            stream.EndRequests();

            foreach (var (id, seconds) in new[] { (first.Value, 30L), (4_242, 0), (second.Value, 60), (0, 0), (first.Value, 30) })
            {
                var answer = await stream.NextAsync<LeaseKeepAliveResponse>();
                Assert.Equal((id, seconds), (answer.ID, answer.TTL));
                Assert.Equal(node.Node.View.Revision, answer.Header.Revision);
            }

            await stream.Call.WaitAsync(Eventually.Deadline);
        });
    }

    [Fact]
    public async Task A_request_that_cannot_be_read_ends_it_behind_the_answers_to_those_before()
    {
        await WithNodeAsync(async node =>
        {
            var lease = await node.GrantAsync(30);
            await using var stream = node.Open(KeepAlive);
            stream.Send(new LeaseKeepAliveRequest { ID = lease.Value });
            stream.Garble(new EtcdFault(GrpcCode.InvalidArgument, "no JSON"));

            Assert.Equal(30, (await stream.NextAsync<LeaseKeepAliveResponse>()).TTL);
            Assert.Equal("no JSON", (await stream.FaultAsync()).Text);
        });
    }

    [Fact]
    public async Task A_member_that_leaves_ends_it()
    {
        await WithNodeAsync(async node =>
        {
            await using var stream = node.Open(KeepAlive);
            node.Departure.BeginLeaving();
            Assert.Equal(GrpcCode.Unavailable, (await stream.FaultAsync()).Code);
        });
    }

    [Fact]
    public async Task A_renewal_moves_the_end_of_the_lease()
    {
        await WithNodeAsync(async node =>
        {
            var lease = await node.GrantAsync(30);
            await using var stream = node.Open(KeepAlive);
            var left = long.MaxValue;
            await Eventually.TrueAsync(async () => (left = await RemainingMsAsync(node, lease)) < 29_900, "some time passes");

            stream.Send(new LeaseKeepAliveRequest { ID = lease.Value });
            Assert.Equal(30, (await stream.NextAsync<LeaseKeepAliveResponse>()).TTL);

            Assert.True(await RemainingMsAsync(node, lease) > left);
        });
    }

    private static async Task<long> RemainingMsAsync(EtcdNodeFixture node, LeaseId lease)
    {
        var reply = await node.Node.QueryAsync(new(Leases: [lease]), CancellationToken.None);
        return Assert.Single(reply.Leases).RemainingMs;
    }

    private static async Task WithNodeAsync(Func<EtcdNodeFixture, Task> test)
    {
        var node = new EtcdNodeFixture();
        await node.InitializeAsync();
        try
        {
            await test(node);
        }
        finally
        {
            await node.DisposeAsync();
        }
    }
}
