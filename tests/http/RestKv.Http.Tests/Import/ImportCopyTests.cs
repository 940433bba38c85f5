using Google.Protobuf;
using RestKv.Api.Cli;
using RestKv.Api.Cli.Import;

namespace RestKv.Http.Tests.Import;

/// <summary>`restkv import`: the copy at one revision, what it refuses, and the comparison.</summary>
public sealed class ImportCopyTests(ImportNodes nodes) : IClassFixture<ImportNodes>
{
    [Fact]
    public async Task Keys_values_and_leases_come_as_they_are()
    {
        var random = new Random(1);
        var lease = await nodes.Source.GrantAsync(3600);
        for (var i = 0; i < 300; i++)
        {
            await ImportNodes.PutAsync(nodes.Source, $"all/{i}", $"v{i}", i % 10 == 0 ? lease.Value : 0);
        }

        var large = new byte[1 << 20];
        random.NextBytes(large);
        await ImportNodes.PutAsync(nodes.Source, ImportNodes.Bytes("all/\0\u0080\u00ff"), ByteString.CopyFrom(large));
        await ImportNodes.PutAsync(nodes.Source, "all/empty", "");

        var (code, output, notes) = await RunningImport.ToEndAsync(nodes.Options(ImportMode.Once, "all/"));

        Assert.True(code == ExitCodes.Ok, notes);
        Assert.StartsWith("equal: 302 keys, ", output, StringComparison.Ordinal);
        Assert.Contains("not history, versions, users, roles", notes, StringComparison.Ordinal);
        await nodes.SameAsync("all/");
    }

    [Fact]
    public async Task A_target_that_is_not_empty_is_refused_unless_it_may_be_overwritten()
    {
        await ImportNodes.PutAsync(nodes.Source, "full/a", "1");
        await ImportNodes.PutAsync(nodes.Source, "full/b", "2");
        await ImportNodes.PutAsync(nodes.Target, "full/b", "other");
        await ImportNodes.PutAsync(nodes.Target, "full/c", "only here");
        await ImportNodes.PutAsync(nodes.Target, "fuller", "beside");

        var refused = await RunningImport.ToEndAsync(nodes.Options(ImportMode.Once, "full/"));
        Assert.Equal(ExitCodes.Usage, refused.Code);
        Assert.Contains("the target is not empty: 2 keys", refused.Notes, StringComparison.Ordinal);
        Assert.Equal("other", (await ImportNodes.ListAsync(nodes.Target, "full/"))[0].Value.ToStringUtf8());

        var done = await RunningImport.ToEndAsync(nodes.Options(ImportMode.Once, "full/") with { Overwrites = true });
        Assert.True(done.Code == ExitCodes.Ok, done.Notes);
        Assert.Contains("2 written, 1 deleted", done.Notes, StringComparison.Ordinal);
        await nodes.SameAsync("full/");
        Assert.Single(await ImportNodes.ListAsync(nodes.Target, "fuller"));
    }

    [Fact]
    public async Task An_import_that_was_interrupted_writes_only_what_differs()
    {
        for (var i = 0; i < 50; i++)
        {
            await ImportNodes.PutAsync(nodes.Source, $"again/{i}", "v");
        }

        Assert.Equal(ExitCodes.Ok, (await RunningImport.ToEndAsync(nodes.Options(ImportMode.Once, "again/"))).Code);
        await ImportNodes.PutAsync(nodes.Source, "again/7", "new");

        var again = await RunningImport.ToEndAsync(nodes.Options(ImportMode.Once, "again/") with { Overwrites = true });

        Assert.Equal(ExitCodes.Ok, again.Code);
        Assert.Contains("1 written, 0 deleted", again.Notes, StringComparison.Ordinal);
        await nodes.SameAsync("again/");
    }

    [Fact]
    public async Task A_comparison_lists_what_differs_up_to_a_bound_and_changes_nothing()
    {
        var lease = await nodes.Source.GrantAsync(3600);
        for (var i = 0; i < 30; i++)
        {
            await ImportNodes.PutAsync(nodes.Source, $"cmp/{i:00}", "v");
        }

        await ImportNodes.PutAsync(nodes.Source, "cmp/00", "v", lease.Value);
        await ImportNodes.PutAsync(nodes.Target, "cmp/00", "v");
        await ImportNodes.PutAsync(nodes.Target, "cmp/01", "longer");
        await ImportNodes.PutAsync(nodes.Target, "cmp/02", "v");
        await ImportNodes.PutAsync(nodes.Target, "cmp/\n\u00ff", "extra");

        var (code, output, _) = await RunningImport.ToEndAsync(nodes.Options(ImportMode.Verify, "cmp/"));

        Assert.Equal(ExitCodes.Failed, code);
        Assert.StartsWith(
            """
            "cmp/\x0a\xff" is only in the target
            "cmp/00" hangs on a lease in the source only
            "cmp/01" differs: 1 bytes in the source, 6 in the target
            "cmp/03" is missing in the target
            """,
            output,
            StringComparison.Ordinal);
        Assert.Contains("… and 10 more\nnot equal: 30 keys differ; 30 keys", output, StringComparison.Ordinal);
        Assert.Equal(4, (await ImportNodes.ListAsync(nodes.Target, "cmp/")).Count);
    }

    [Fact]
    public async Task A_dry_run_counts_and_changes_nothing()
    {
        await ImportNodes.PutAsync(nodes.Source, "dry/a", "1");
        await ImportNodes.PutAsync(nodes.Source, "dry/b", "2");
        await ImportNodes.PutAsync(nodes.Target, "dry/b", "2");
        await ImportNodes.PutAsync(nodes.Target, "dry/c", "3");

        var (code, output, _) = await RunningImport.ToEndAsync(nodes.Options(ImportMode.DryRun, "dry/"));

        Assert.Equal(ExitCodes.Ok, code);
        Assert.StartsWith("dry run: 2 keys, ", output, StringComparison.Ordinal);
        Assert.EndsWith("1 would be written, 1 deleted\n", output, StringComparison.Ordinal);
        Assert.Equal(["dry/b", "dry/c"], (await ImportNodes.ListAsync(nodes.Target, "dry/")).Select(pair => pair.Key.ToStringUtf8()));
    }

    [Fact]
    public async Task Prefixes_are_chosen_stripped_and_put_in_front()
    {
        await ImportNodes.PutAsync(nodes.Source, "old/a/1", "1");
        await ImportNodes.PutAsync(nodes.Source, "old/b/1", "2");
        await ImportNodes.PutAsync(nodes.Source, "old/c/1", "3");

        var options = nodes.Options(ImportMode.Once, "") with { Keys = new KeyMap(["old/c/", "old/a/", "old/a/1"], "old/", "new/") };
        var (code, output, notes) = await RunningImport.ToEndAsync(options);

        Assert.True(code == ExitCodes.Ok, notes);
        Assert.StartsWith("equal: 2 keys", output, StringComparison.Ordinal);
        Assert.Equal(
            ["new/a/1=1", "new/c/1=3"],
            (await ImportNodes.ListAsync(nodes.Target, "new/")).Select(pair => $"{pair.Key.ToStringUtf8()}={pair.Value.ToStringUtf8()}"));
    }

    [Fact]
    public async Task A_store_is_not_copied_onto_itself()
    {
        var options = nodes.Options(ImportMode.Once, "self/");

        var (code, _, notes) = await RunningImport.ToEndAsync(options with { Target = options.Source });

        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("the same store", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_where_nobody_answers_ends_it_soon_and_one_of_several_does_no_harm()
    {
        var options = nodes.Options(ImportMode.Verify, "nobody/") with { FirstPatience = TimeSpan.FromMilliseconds(500) };
        var nobody = new Uri("http://127.0.0.1:1");

        var alone = await RunningImport.ToEndAsync(options with { Source = ImportNodes.SideOf("source", nobody) });
        var beside = await RunningImport.ToEndAsync(options with
        {
            Source = options.Source with { Endpoints = [nobody, .. options.Source.Endpoints] },
            FirstPatience = TimeSpan.FromMinutes(1),
        });

        Assert.Equal(ExitCodes.Failed, alone.Code);
        Assert.Contains("the source cannot be reached: http://127.0.0.1:1/", alone.Notes, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Ok, beside.Code);
    }
}
