using RestKv.Api.Cli;
using RestKv.Api.Cli.Import;
using RestKv.Http.Tests.Auth;
using RestKv.Http.Tests.Etcd;
using RestKv.Http.Tests.Tls;

namespace RestKv.Http.Tests.Import;

/// <summary>`restkv import` into stores that ask who is there.</summary>
public sealed class ImportSecurityTests(AuthNode guarded, EtcdNodeFixture source) : IClassFixture<AuthNode>, IClassFixture<EtcdNodeFixture>
{
    [Fact]
    public async Task A_user_or_a_token_writes_where_it_may()
    {
        await ImportNodes.PutAsync(source, "a/1", "one");
        await ImportNodes.PutAsync(source, "b/1", "one");
        var ann = ImportNodes.SideOf("target", guarded.Client.BaseAddress!) with { User = "ann", Password = AuthNode.Password };
        var made = await AuthNode.MustAsync(
            guarded.Ann, "POST", "/v1/auth/tokens", """{"name":"move","scope":[{"prefix":"a/","access":"rw"}],"ttl":"1d"}""");
        var token = ann with { User = "", Password = "", Token = made.GetProperty("token").GetString()! };

        var nobody = await RunningImport.ToEndAsync(Options("a/", ann with { User = "" }));
        var wrong = await RunningImport.ToEndAsync(Options("a/", ann with { Password = "not the password" }));
        var readOnly = await RunningImport.ToEndAsync(Options("b/", ann));
        var user = await RunningImport.ToEndAsync(Options("a/", ann));
        var again = await RunningImport.ToEndAsync(Options("a/", token) with { Mode = ImportMode.Verify });

        Assert.Equal((ExitCodes.Usage, ExitCodes.Usage, ExitCodes.Usage), (nobody.Code, wrong.Code, readOnly.Code));
        Assert.Contains("the target answers: etcdserver: authentication failed", wrong.Notes, StringComparison.Ordinal);
        Assert.Contains("the target answers: etcdserver: permission denied", readOnly.Notes, StringComparison.Ordinal);
        Assert.True(user.Code == ExitCodes.Ok, user.Notes);
        Assert.True(again.Code == ExitCodes.Ok, again.Notes);
    }

    [Fact]
    public async Task Certificates_are_checked_and_shown()
    {
        await ImportNodes.PutAsync(source, "tls/1", "one");
        using var certificates = new TestCertificates();
        var (certificate, key) = certificates.WriteServer("member");
        await using var node = await TlsNode.StartAsync(options => options with
        {
            CertFile = certificate,
            KeyFile = key,
            TrustedCaFile = certificates.CaFile,
            ClientCertAuth = true,
        });
        var side = ImportNodes.SideOf("target", new Uri(node.Address)) with
        {
            TrustedCaFile = certificates.CaFile,
            CertFile = certificate,
            KeyFile = key,
        };

        var known = await RunningImport.ToEndAsync(Options("tls/", side));
        var stranger = await RunningImport.ToEndAsync(Options("tls/", side with { TrustedCaFile = certificates.OtherCaFile }));
        var bare = await RunningImport.ToEndAsync(Options("tls/", side with { CertFile = "", KeyFile = "" }));

        Assert.True(known.Code == ExitCodes.Ok, known.Notes);
        Assert.Equal((ExitCodes.Failed, ExitCodes.Failed), (stranger.Code, bare.Code));
        Assert.Contains("the target cannot be reached", stranger.Notes, StringComparison.Ordinal);
        Assert.Contains("certificate", stranger.Notes, StringComparison.Ordinal);
    }

    private ImportOptions Options(string prefix, ImportSide target) => new()
    {
        Source = ImportNodes.SideOf("source", source.Client.BaseAddress!),
        Target = target,
        Mode = ImportMode.Once,
        Keys = new KeyMap([prefix], "", ""),
        FirstPatience = TimeSpan.FromSeconds(2),
    };
}
