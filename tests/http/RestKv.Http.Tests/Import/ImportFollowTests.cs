using RestKv.Api.Cli;
using RestKv.Api.Cli.Import;
using RestKv.Api.Etcd.Messages;
using RestKv.Testing;

namespace RestKv.Http.Tests.Import;

/// <summary>`restkv import`: what happens at the source after the copy.</summary>
public sealed class ImportFollowTests(ImportNodes nodes) : IClassFixture<ImportNodes>
{
    [Fact]
    public async Task Changes_are_followed_until_the_cut_which_is_equal_key_by_key()
    {
        await ImportNodes.PutAsync(nodes.Source, "follow/first", "1");
        await using var import = new RunningImport(nodes.Options(ImportMode.Follow, "follow/"));
        await import.UntilFollowingAsync();
        var lease = await nodes.Source.GrantAsync(3600);
        for (var i = 0; i < 400; i++)
        {
            await ImportNodes.PutAsync(nodes.Source, $"follow/{i % 50}", $"v{i}", i % 9 == 0 ? lease.Value : 0);
            await ImportNodes.PutAsync(nodes.Source, $"followed/{i % 50}", "beside");
            if (i % 7 == 0)
            {
                await ImportNodes.DeleteAsync(nodes.Source, $"follow/{i / 2 % 50}");
            }
        }

        var code = await import.CutOverAsync();

        Assert.True(code == ExitCodes.Ok, import.Notes + import.Output);
        Assert.StartsWith("equal: ", import.Output, StringComparison.Ordinal);
        await nodes.SameAsync("follow/");
        Assert.Empty(await ImportNodes.ListAsync(nodes.Target, "followed/"));
    }

    [Fact]
    public async Task Changes_of_one_revision_are_never_seen_apart()
    {
        await using var import = new RunningImport(nodes.Options(ImportMode.Follow, "pair/"));
        await import.UntilFollowingAsync();
        using var written = new CancellationTokenSource();
        var looking = LookAsync(written.Token);
        for (var i = 0; i < 200; i++)
        {
            var both = new TxnRequest();
            both.Success.AddRange(new[] { "pair/a", "pair/m/other", "pair/z" }.Select(key => new RequestOp
            {
                RequestPut = new PutRequest { Key = ImportNodes.Bytes(key), Value = ImportNodes.Bytes($"{i}") },
            }));
            await nodes.Source.CallAsync<TxnResponse>("/etcdserverpb.KV/Txn", both);
        }

        Assert.True(await import.CutOverAsync() == ExitCodes.Ok, import.Notes);
        await written.CancelAsync();

        Assert.True(await looking > 0);
        await nodes.SameAsync("pair/");
    }

    [Fact]
    public async Task It_can_be_cut_at_a_revision_while_the_source_goes_on()
    {
        await ImportNodes.PutAsync(nodes.Source, "until/0", "v");
        var first = (await ImportNodes.PutAsync(nodes.Source, "until/1", "v")).Header.Revision;
        await using var import = new RunningImport(nodes.Options(ImportMode.Follow, "until/") with { UntilRevision = first + 5 });
        await import.UntilFollowingAsync();
        for (var i = 2; i < 12; i++)
        {
            await ImportNodes.PutAsync(nodes.Source, $"until/{i:00}", "v");
        }

        Assert.True(await import.EndAsync() == ExitCodes.Ok, import.Notes);

        Assert.EndsWith($"at revision {first + 5} of the source\n", import.Output, StringComparison.Ordinal);
        Assert.Equal(7, (await ImportNodes.ListAsync(nodes.Target, "until/")).Count);
    }

    [Fact]
    public async Task A_delete_of_more_keys_than_a_transaction_takes_is_followed()
    {
        for (var i = 0; i < 400; i++)
        {
            await ImportNodes.PutAsync(nodes.Source, $"many/{i}", "v");
        }

        await using var import = new RunningImport(nodes.Options(ImportMode.Follow, "many/"));
        await import.UntilFollowingAsync();
        Assert.Equal(400, (await ImportNodes.ListAsync(nodes.Target, "many/")).Count);
        await nodes.Source.CallAsync<DeleteRangeResponse>(
            "/etcdserverpb.KV/DeleteRange",
            new DeleteRangeRequest { Key = ImportNodes.Bytes("many/"), RangeEnd = ImportNodes.Bytes("many0") });

        Assert.True(await import.CutOverAsync() == ExitCodes.Ok, import.Notes);

        Assert.Empty(await ImportNodes.ListAsync(nodes.Target, "many/"));
    }

    [Fact]
    public async Task Whatever_somebody_else_does_to_the_target_is_mended_at_the_cut()
    {
        var lease = await nodes.Source.GrantAsync(3600);
        await ImportNodes.PutAsync(nodes.Source, "mended/a", "1", lease.Value);
        await ImportNodes.PutAsync(nodes.Source, "mended/b", "1");
        await using var import = new RunningImport(nodes.Options(ImportMode.Follow, "mended/"));
        await import.UntilFollowingAsync();
        await nodes.Target.RevokeAsync(lease);
        await ImportNodes.PutAsync(nodes.Target, "mended/b", "other");
        await ImportNodes.PutAsync(nodes.Target, "mended/c", "other");

        Assert.True(await import.CutOverAsync() == ExitCodes.Ok, import.Notes + import.Output);

        Assert.Contains("3 keys differ; they are copied once more", import.Notes, StringComparison.Ordinal);
        await nodes.SameAsync("mended/");
    }

    [Fact]
    public async Task A_write_with_a_lease_that_the_target_lost_starts_over()
    {
        var lease = await nodes.Source.GrantAsync(3600);
        await ImportNodes.PutAsync(nodes.Source, "lost/a", "1", lease.Value);
        await using var import = new RunningImport(nodes.Options(ImportMode.Follow, "lost/"));
        await import.UntilFollowingAsync();
        await nodes.Target.RevokeAsync(lease);
        await ImportNodes.PutAsync(nodes.Source, "lost/b", "2", lease.Value);

        await Eventually.TrueAsync(
            async () => (await ImportNodes.ListAsync(nodes.Target, "lost/")).Count == 2, "both keys are back", () => import.Notes);

        Assert.Equal(ExitCodes.Ok, await import.CutOverAsync());
        await nodes.SameAsync("lost/");
    }

    [Fact]
    public async Task A_revision_that_was_compacted_before_it_was_followed_asks_for_a_new_copy()
    {
        var revision = 0L;
        for (var i = 0; i < 5; i++)
        {
            revision = (await ImportNodes.PutAsync(nodes.Source, "compact/a", $"{i}")).Header.Revision;
        }

        await nodes.Source.CallAsync<CompactionResponse>("/etcdserverpb.KV/Compact", new CompactionRequest { Revision = revision });
        var options = nodes.Options(ImportMode.Follow, "compact/");
        var notes = new StringWriter();
        var report = new ImportReport(notes, notes, TimeProvider.System);
        using var source = new EtcdClient(options.Source, options, report, TimeProvider.System);
        using var target = new EtcdClient(options.Target, options, report, TimeProvider.System);
        var leases = new LeaseMirror(source, target, report, TimeProvider.System);
        var follower = new SourceFollower(source, new TargetWriter(target), leases, options, report, TimeProvider.System);

        var end = await follower.FollowAsync(revision - 3, new StopRequest(), CancellationToken.None).WaitAsync(Eventually.Deadline);

        Assert.Equal(FollowEnd.StartOver, end);
        Assert.Contains($"the source has compacted up to revision {revision}", notes.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Reads all keys at once until it is told to stop; they must have one value.</summary>
    private async Task<int> LookAsync(CancellationToken cancellationToken)
    {
        var looks = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Yield(); // a read that has not to wait would never let the writer go on
            var values = (await ImportNodes.ListAsync(nodes.Target, "pair/")).Select(pair => pair.Value).ToList();
            Assert.True(values.Count is 0 or 3, $"{values.Count} of 3 keys");
            Assert.True(values.Distinct().Count() <= 1, string.Join(' ', values.Select(value => value.ToStringUtf8())));
            looks += values.Count / 3;
        }

        return looks;
    }
}
