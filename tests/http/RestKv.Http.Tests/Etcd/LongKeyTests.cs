using Google.Protobuf;
using RestKv.Api.Etcd;
using RestKv.Api.Etcd.Messages;

namespace RestKv.Http.Tests.Etcd;

/// <summary>Keys longer than the store holds: they are not taken, they may be looked for, and the member lives on.</summary>
public sealed class LongKeyTests(EtcdNodeFixture node) : IClassFixture<EtcdNodeFixture>
{
    private static readonly ByteString Longest = ByteString.CopyFromUtf8(new string('k', ushort.MaxValue));
    private static readonly ByteString TooLong = ByteString.CopyFromUtf8(new string('k', ushort.MaxValue + 1));

    [Fact]
    public async Task The_longest_key_is_written_and_read()
    {
        await PutAsync(Longest);

        Assert.Equal(1, (await RangeAsync(Longest)).Count);
    }

    [Fact]
    public async Task One_byte_more_is_refused_wherever_it_would_be_written()
    {
        var put = new PutRequest { Key = TooLong };
        var inner = new TxnRequest { Failure = { new RequestOp { RequestPut = put } } };

        await RefusesAsync("/etcdserverpb.KV/Put", put);
        await RefusesAsync("/etcdserverpb.KV/Txn", new TxnRequest { Success = { new RequestOp { RequestPut = put } } });
        await RefusesAsync("/etcdserverpb.KV/Txn", new TxnRequest { Success = { new RequestOp { RequestTxn = inner } } });
        await RefusesAsync("/v3lockpb.Lock/Lock", new LockRequest { Name = Longest });
        await RefusesAsync("/v3electionpb.Election/Campaign", new CampaignRequest { Name = Longest }, GrpcCode.Unknown);
        await RefusesAsync(
            "/v3electionpb.Election/Proclaim", new ProclaimRequest { Leader = new LeaderKey { Key = TooLong } }, GrpcCode.Unknown);
        await PutAsync(ByteString.CopyFromUtf8("alive"));
    }

    [Fact]
    public async Task Looking_for_one_finds_nothing_and_harms_nobody()
    {
        await PutAsync(ByteString.CopyFromUtf8("beside"));

        var compare = new Compare { Key = TooLong, Target = Compare.Types.CompareTarget.Mod, ModRevision = 0 };
        var delete = new DeleteRangeRequest { Key = TooLong };
        var txn = new TxnRequest { Compare = { compare }, Success = { new RequestOp { RequestDeleteRange = delete } } };

        Assert.Equal(0, (await RangeAsync(TooLong)).Count);
        Assert.Equal(0, (await node.CallAsync<DeleteRangeResponse>("/etcdserverpb.KV/DeleteRange", delete)).Deleted);
        Assert.True((await node.CallAsync<TxnResponse>("/etcdserverpb.KV/Txn", txn)).Succeeded);
        var all = new RangeRequest { Key = ByteString.CopyFrom([0]), RangeEnd = TooLong };
        Assert.True((await node.CallAsync<RangeResponse>("/etcdserverpb.KV/Range", all)).Count > 0);
    }

    private Task<PutResponse> PutAsync(ByteString key) =>
        node.CallAsync<PutResponse>("/etcdserverpb.KV/Put", new PutRequest { Key = key, Value = ByteString.CopyFromUtf8("v") });

    private Task<RangeResponse> RangeAsync(ByteString key) =>
        node.CallAsync<RangeResponse>("/etcdserverpb.KV/Range", new RangeRequest { Key = key });

    /// <param name="code">Elections refuse with Unknown, as etcd's do.</param>
    private async Task RefusesAsync(string path, IMessage request, GrpcCode code = GrpcCode.InvalidArgument)
    {
        var fault = await node.RefusedAsync(path, request);

        Assert.Equal((code, "etcdserver: request is too large"), (fault.Code, fault.Text));
    }
}
