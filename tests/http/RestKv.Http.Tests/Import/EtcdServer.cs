using System.Diagnostics;
using System.Net;
using Google.Protobuf;
using RestKv.Api.Etcd.Messages;
using RestKv.Http.Tests.Etcd.Grpc;
using RestKv.Testing;

namespace RestKv.Http.Tests.Import;

/// <summary>A real etcd of one member, which can be killed and started again on the same data, there or elsewhere.</summary>
internal sealed class EtcdServer : IAsyncDisposable
{
    public const string Program = "etcd";

    private readonly TempFolder _folder = new();
    private readonly IPAddress _home = LoopbackAddresses.Next();
    private Process? _process;
    private GrpcTestClient? _client;

    /// <summary>Where it is unless it is elsewhere.</summary>
    public Uri Address => new($"http://{_home}:2379");

    /// <summary>Of a user, when there are users.</summary>
    public string Token { get; set; } = "";

    public static async Task<EtcdServer> StartAsync()
    {
        var server = new EtcdServer();
        await server.StartAsync(server.Address);
        return server;
    }

    public async Task StartAsync(Uri address)
    {
        _process = Process.Start(new ProcessStartInfo(
            Program,
            [
                "--data-dir", _folder.Combine("etcd"), "--listen-client-urls", Plain(address), "--advertise-client-urls", Plain(address),
                "--listen-peer-urls", $"http://{_home}:2380", "--logger", "zap", "--log-outputs", _folder.Combine("log"),
            ])
        {
            RedirectStandardError = false,
        });
        _client = new GrpcTestClient(address);
        await Eventually.TrueAsync(IsHealthyAsync, "etcd is healthy", () => File.ReadAllText(_folder.Combine("log")));
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _client!.Dispose();
        _process = null;
    }

    public async Task<TReply> CallAsync<TReply>(string method, IMessage request)
        where TReply : IMessage<TReply>, new()
    {
        (string, string)[] headers = Token.Length > 0 ? [("token", Token)] : [];
        var answer = await _client!.SendAsync($"/etcdserverpb.{method}", GrpcTestClient.Frame(request), headers);
        Assert.True(answer.Code == 0, $"{method}: {answer.Code} {answer.Text}");
        var reply = new TReply();
        reply.MergeFrom(Assert.Single(answer.Messages));
        return reply;
    }

    public async Task<long> PutAsync(string key, string value, long lease = 0) => (await CallAsync<PutResponse>(
        "KV/Put", new PutRequest { Key = ImportNodes.Bytes(key), Value = ImportNodes.Bytes(value), Lease = lease })).Header.Revision;

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        _folder.Dispose();
    }

    /// <summary>etcd takes the slash at the end for a path.</summary>
    private static string Plain(Uri address) => $"{address}".TrimEnd('/');

    private async Task<bool> IsHealthyAsync()
    {
        Assert.False(_process!.HasExited, "etcd ended");
        try
        {
            var answer = await _client!.SendAsync(
                "/etcdserverpb.KV/Range", GrpcTestClient.Frame(new RangeRequest { Key = ImportNodes.Bytes("healthy") }));
            return answer.Code is 0 or (int)Api.Etcd.GrpcCode.InvalidArgument;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
