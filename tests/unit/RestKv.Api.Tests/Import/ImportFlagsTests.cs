using System.CommandLine;
using RestKv.Api.Cli;
using RestKv.Api.Cli.Import;
using RestKv.Testing;

namespace RestKv.Api.Tests.Import;

/// <summary>What may be typed behind `restkv import`.</summary>
public sealed class ImportFlagsTests
{
    private const string Both = "--from-etcd http://a:2379,https://b --endpoint http://c:2379 ";

    [Fact]
    public void What_is_typed_is_what_is_done()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.Combine("password"), "se:cret\n");

        var options = Read(
            $"{Both} --from-user ann:pass:word --user bob --password-file {folder.Combine("password")} --prefix a/x --prefix a/y "
                + "--strip-prefix a/ --to-prefix z/ --until-revision 7 --overwrite --patience 1m");

        Assert.Equal(["http://a:2379/", "https://b/"], options.Source.Endpoints.Select(endpoint => endpoint.ToString()));
        Assert.Equal(("ann", "pass:word"), (options.Source.User, options.Source.Password));
        Assert.Equal(("bob", "se:cret"), (options.Target.User, options.Target.Password));
        Assert.Equal(2, options.Keys.Sources.Count);
        Assert.Equal((ImportMode.Follow, 7), (options.Mode, options.UntilRevision));
        Assert.Equal((true, TimeSpan.FromMinutes(1)), (options.Overwrites, options.Patience));
        Assert.Equal(ImportMode.Once, Read($"{Both} --once").Mode);
        Assert.Equal(ImportMode.Verify, Read($"{Both} --verify").Mode);
        Assert.Equal(ImportMode.DryRun, Read($"{Both} --dry-run").Mode);
        Assert.Equal(ImportMode.Follow, Read(Both).Mode);
    }

    [Theory]
    [InlineData("--from-etcd a:2379 --endpoint http://c", "--from-etcd a:2379: must be addresses")]
    [InlineData("--from-etcd http://a/v3 --endpoint http://c", "--from-etcd http://a/v3: must be addresses")]
    [InlineData("--from-etcd http://a --endpoint ,", "--endpoint ,: must be addresses")]
    [InlineData(Both + "--once --verify", "exclude each other")]
    [InlineData(Both + "--until-revision -1", "--until-revision must be")]
    [InlineData(Both + "--strip-prefix a/", "every --prefix must begin with it")]
    [InlineData(Both + "--strip-prefix a/ --prefix a/b --prefix b/", "every --prefix must begin with it")]
    [InlineData(Both + "--from-cert-file x", "--from-cert-file and --from-key-file belong together")]
    [InlineData(Both + "--user a:b --password-file x", "--user has a password already")]
    [InlineData(Both + "--password-file x", "--password-file needs --user")]
    [InlineData(Both + "--user a --token-file x", "exclude each other")]
    [InlineData(Both + "--user a --password-file /nowhere/at/all", "/nowhere/at/all")]
    [InlineData(Both + "--patience soon", "--patience must be a duration")]
    public void What_cannot_be_is_said_with_the_flag(string line, string fault)
    {
        var refusal = Assert.Throws<ImportFailure>(() => Read(line));

        Assert.Equal(ExitCodes.Usage, refusal.ExitCode);
        Assert.Contains(fault, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_stores_must_be_named()
    {
        var command = new Command("import");
        _ = new ImportFlags(command);

        Assert.Equal(2, command.Parse("").Errors.Count);
    }

    private static ImportOptions Read(string line)
    {
        var command = new Command("import");
        var flags = new ImportFlags(command);
        var parsed = command.Parse(line);
        Assert.Empty(parsed.Errors);
        return flags.Read(parsed);
    }
}
