using Google.Protobuf;
using RestKv.Api.Cli;
using RestKv.Api.Cli.Import;
using RestKv.Api.Etcd.Messages;
using RestKv.Http.Tests.Etcd;
using RestKv.Testing;

namespace RestKv.Http.Tests.Import;

/// <summary>`restkv import` from a real etcd.</summary>
public sealed class EtcdImportTests : IAsyncLifetime
{
    private readonly EtcdNodeFixture _target = new();

    public Task InitializeAsync() => _target.InitializeAsync();

    public Task DisposeAsync() => _target.DisposeAsync();

    [EtcdFact]
    public async Task Ten_thousand_keys_come_while_a_writer_goes_on_and_the_cut_is_equal()
    {
        await using var etcd = await EtcdServer.StartAsync();
        for (var i = 0; i < 10_000; i += 100)
        {
            await etcd.CallAsync<TxnResponse>("KV/Txn", Batch(i));
        }

        var lease = (await etcd.CallAsync<LeaseGrantResponse>("Lease/LeaseGrant", new LeaseGrantRequest { TTL = 3600 })).ID;
        await etcd.PutAsync("\0\u0080\u00ff", "binary", lease);
        await etcd.PutAsync("large", new string('x', 1 << 20));
        await using var import = new RunningImport(Options(etcd, ImportMode.Follow));
        using var written = new CancellationTokenSource();
        var writing = WriteAsync(etcd, lease, written.Token);
        await import.UntilFollowingAsync();
        await Eventually.TrueAsync(
            async () => (await ImportNodes.ListAsync(_target, "writer/")).Count > 20, "what is written arrives", () => import.Notes);

        // It is still being written to.
        var code = await import.CutOverAsync();
        await written.CancelAsync();
        await writing;

        Assert.True(code == ExitCodes.Ok, import.Notes + import.Output);
        Assert.StartsWith("equal: 10", import.Output, StringComparison.Ordinal);
        var binary = Assert.Single(await ImportNodes.ListAsync(_target, "\0"));
        Assert.Equal((lease, "binary"), (binary.Lease, binary.Value.ToStringUtf8()));
        Assert.Equal(1 << 20, Assert.Single(await ImportNodes.ListAsync(_target, "large")).Value.Length);
    }

    [EtcdFact]
    public async Task A_source_that_is_killed_and_comes_back_is_followed_on()
    {
        await using var etcd = await EtcdServer.StartAsync();
        await etcd.PutAsync("a", "1");
        await using var import = new RunningImport(Options(etcd, ImportMode.Follow));
        await import.UntilFollowingAsync();

        await etcd.KillAsync();
        await import.UntilSaysAsync("waiting for the source");
        await etcd.StartAsync(etcd.Address);
        await etcd.PutAsync("b", "2");

        Assert.True(await import.CutOverAsync() == ExitCodes.Ok, import.Notes);
        Assert.StartsWith("equal: 2 keys", import.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("copying 2 keys", import.Notes, StringComparison.Ordinal);
        Assert.Equal(2, (await ImportNodes.ListAsync(_target, "")).Count);
    }

    [EtcdFact]
    public async Task A_source_that_compacted_what_was_not_seen_is_copied_anew_and_what_vanished_is_deleted()
    {
        await using var etcd = await EtcdServer.StartAsync();
        await etcd.PutAsync("stays", "1");
        await etcd.PutAsync("vanishes", "1");
        await using var import = new RunningImport(Options(etcd, ImportMode.Follow));
        await import.UntilFollowingAsync();

        // What happens where the import does not see it.
        await etcd.KillAsync();
        await etcd.StartAsync(new UriBuilder(etcd.Address) { Port = 2381 }.Uri);
        await etcd.CallAsync<DeleteRangeResponse>("KV/DeleteRange", new DeleteRangeRequest { Key = ImportNodes.Bytes("vanishes") });
        await etcd.PutAsync("comes", "1");
        var last = await etcd.PutAsync("stays", "2");
        await etcd.CallAsync<CompactionResponse>("KV/Compact", new CompactionRequest { Revision = last, Physical = true });
        await etcd.KillAsync();
        await etcd.StartAsync(etcd.Address);

        await import.UntilSaysAsync("the source has compacted");
        Assert.True(await import.CutOverAsync() == ExitCodes.Ok, import.Notes);
        Assert.Contains("2 written, 1 deleted", import.Notes, StringComparison.Ordinal);
        Assert.Equal(
            ["comes=1", "stays=2"],
            (await ImportNodes.ListAsync(_target, "")).Select(pair => $"{pair.Key.ToStringUtf8()}={pair.Value.ToStringUtf8()}"));
    }

    [EtcdFact]
    public async Task A_wrong_password_is_refused_and_the_right_one_reads_what_its_user_may()
    {
        await using var etcd = await EtcdServer.StartAsync();
        await etcd.PutAsync("a/1", "1");
        await etcd.PutAsync("b/1", "1");
        await EnableAsync(etcd);

        var wrong = await RunningImport.ToEndAsync(Options(etcd, ImportMode.Once, "ann", "wrong"));
        var none = await RunningImport.ToEndAsync(Options(etcd, ImportMode.Once));
        var tooMuch = await RunningImport.ToEndAsync(Options(etcd, ImportMode.Once, "ann", "secret"));
        var right = await RunningImport.ToEndAsync(Options(etcd, ImportMode.Once, "ann", "secret") with { Keys = new KeyMap(["a/"], "", "") });

        Assert.Equal((ExitCodes.Usage, ExitCodes.Usage, ExitCodes.Usage), (wrong.Code, none.Code, tooMuch.Code));
        Assert.Contains("the source answers: etcdserver: authentication failed", wrong.Notes, StringComparison.Ordinal);
        Assert.Contains("the source answers: etcdserver: user name is empty", none.Notes, StringComparison.Ordinal);
        Assert.Contains("the source answers: etcdserver: permission denied", tooMuch.Notes, StringComparison.Ordinal);
        Assert.True(right.Code == ExitCodes.Ok, right.Notes);
        Assert.StartsWith("equal: 1 keys", right.Output, StringComparison.Ordinal);
    }

    [EtcdFact]
    public async Task A_lease_that_ends_at_the_source_ends_with_its_keys_and_a_long_one_keeps_the_time_it_has_left()
    {
        await using var etcd = await EtcdServer.StartAsync();
        var session = (await etcd.CallAsync<LeaseGrantResponse>("Lease/LeaseGrant", new LeaseGrantRequest { TTL = 300 })).ID;
        var date = (await etcd.CallAsync<LeaseGrantResponse>("Lease/LeaseGrant", new LeaseGrantRequest { TTL = 86_400 })).ID;
        await etcd.PutAsync("session", "1", session);
        await etcd.PutAsync("date", "1", date);
        await using var import = new RunningImport(Options(etcd, ImportMode.Follow));
        await import.UntilFollowingAsync();

        var ours = await _target.CallAsync<LeaseTimeToLiveResponse>(
            "/etcdserverpb.Lease/LeaseTimeToLive", new LeaseTimeToLiveRequest { ID = session });
        var later = await _target.CallAsync<LeaseTimeToLiveResponse>(
            "/etcdserverpb.Lease/LeaseTimeToLive", new LeaseTimeToLiveRequest { ID = date });
        await etcd.CallAsync<LeaseRevokeResponse>("Lease/LeaseRevoke", new LeaseRevokeRequest { ID = session });

        Assert.Equal(300, ours.GrantedTTL);
        Assert.InRange(later.GrantedTTL, 80_000, 86_399);
        Assert.True(await import.CutOverAsync() == ExitCodes.Ok, import.Notes);
        Assert.Equal("date", Assert.Single(await ImportNodes.ListAsync(_target, "")).Key.ToStringUtf8());
    }

    private static TxnRequest Batch(int from)
    {
        var batch = new TxnRequest();
        for (var i = from; i < from + 100; i++)
        {
            batch.Success.Add(new RequestOp
            {
                RequestPut = new PutRequest { Key = ImportNodes.Bytes($"key/{i:00000}"), Value = ImportNodes.Bytes($"value {i}") },
            });
        }

        return batch;
    }

    private static async Task WriteAsync(EtcdServer etcd, long lease, CancellationToken cancellationToken)
    {
        for (var i = 0; !cancellationToken.IsCancellationRequested; i++)
        {
            await etcd.PutAsync($"writer/{i % 100}", $"{i}", i % 3 == 0 ? lease : 0);
            if (i % 11 == 0)
            {
                await etcd.CallAsync<DeleteRangeResponse>(
                    "KV/DeleteRange", new DeleteRangeRequest { Key = ByteString.CopyFromUtf8($"key/{i:00000}") });
            }
        }
    }

    /// <summary>Root is there because etcd wants it; ann may read a/.</summary>
    private static async Task EnableAsync(EtcdServer etcd)
    {
        foreach (var (user, role) in new[] { ("root", "root"), ("ann", "a") })
        {
            await etcd.CallAsync<AuthUserAddResponse>("Auth/UserAdd", new AuthUserAddRequest { Name = user, Password = "secret" });
            await etcd.CallAsync<AuthRoleAddResponse>("Auth/RoleAdd", new AuthRoleAddRequest { Name = role });
            await etcd.CallAsync<AuthUserGrantRoleResponse>("Auth/UserGrantRole", new AuthUserGrantRoleRequest { User = user, Role = role });
        }

        var permission = new Permission { Key = ImportNodes.Bytes("a/"), RangeEnd = ImportNodes.Bytes("a0"), PermType = Permission.Types.Type.Read };
        await etcd.CallAsync<AuthRoleGrantPermissionResponse>(
            "Auth/RoleGrantPermission", new AuthRoleGrantPermissionRequest { Name = "a", Perm = permission });
        await etcd.CallAsync<AuthEnableResponse>("Auth/AuthEnable", new AuthEnableRequest());
    }

    private ImportOptions Options(EtcdServer etcd, ImportMode mode, string user = "", string password = "") => new()
    {
        Source = ImportNodes.SideOf("source", etcd.Address) with { User = user, Password = password },
        Target = ImportNodes.SideOf("target", _target.Client.BaseAddress!),
        Mode = mode,
    };
}
