using Google.Protobuf;
using RestKv.Api.Cli.Import;
using RestKv.Api.Etcd.Messages;
using RestKv.Http.Tests.Etcd;

namespace RestKv.Http.Tests.Import;

/// <summary>Two members that know nothing of each other: one to copy from, by the API it has of etcd, and one to copy into.</summary>
public sealed class ImportNodes : IAsyncLifetime
{
    public EtcdNodeFixture Source { get; } = new();

    public EtcdNodeFixture Target { get; } = new();

    public async Task InitializeAsync()
    {
        await Source.InitializeAsync();
        await Target.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await Source.DisposeAsync();
        await Target.DisposeAsync();
    }

    internal ImportOptions Options(ImportMode mode, string prefix) => new()
    {
        Source = SideOf("source", Source.Client.BaseAddress!),
        Target = SideOf("target", Target.Client.BaseAddress!),
        Mode = mode,
        Keys = new KeyMap([prefix], "", ""),
    };

    internal static ImportSide SideOf(string name, Uri address) => new() { Name = name, Endpoints = [address] };

    internal static Task<PutResponse> PutAsync(EtcdNodeFixture node, string key, string value, long lease = 0) =>
        PutAsync(node, Bytes(key), Bytes(value), lease);

    internal static Task<PutResponse> PutAsync(EtcdNodeFixture node, ByteString key, ByteString value, long lease = 0) =>
        node.CallAsync<PutResponse>("/etcdserverpb.KV/Put", new PutRequest { Key = key, Value = value, Lease = lease });

    internal static Task<DeleteRangeResponse> DeleteAsync(EtcdNodeFixture node, string key) =>
        node.CallAsync<DeleteRangeResponse>("/etcdserverpb.KV/DeleteRange", new DeleteRangeRequest { Key = Bytes(key) });

    internal static async Task<IReadOnlyList<KeyValue>> ListAsync(EtcdNodeFixture node, string prefix)
    {
        var range = Core.Model.KeyRange.Prefix(Bytes(prefix).Memory);
        var request = new RangeRequest { Key = KeyMap.StartOf(range), RangeEnd = KeyMap.EndOf(range) };
        return (await node.CallAsync<RangeResponse>("/etcdserverpb.KV/Range", request)).Kvs;
    }

    /// <summary>Keys and values of both sides, which must be the same.</summary>
    internal async Task SameAsync(string prefix)
    {
        var source = await ListAsync(Source, prefix);
        var target = await ListAsync(Target, prefix);
        Assert.Equal(source.Select(pair => (pair.Key, pair.Value, pair.Lease)), target.Select(pair => (pair.Key, pair.Value, pair.Lease)));
    }

    internal static ByteString Bytes(string text) => ByteString.CopyFrom(text, System.Text.Encoding.Latin1);
}
