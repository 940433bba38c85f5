using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests;

/// <summary>`restkv certs`, a member that serves with what it made, `restkv health` over TLS, and starts that certificates end.</summary>
public sealed class CertificateTests : IDisposable
{
    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TempFolder _folder = new();

    private string Folder => _folder.Combine("certs");

    [Fact]
    public async Task A_private_authority_its_members_and_its_clients_are_made_once()
    {
        await MakeAsync();

        Assert.Equal(
            ["ann.crt", "ann.key", "ca.crt", "ca.key", "n1.crt", "n1.key"],
            Directory.GetFiles(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(Directory.GetFiles(Folder, "*.key"), key => Assert.Equal(OwnersOnly, File.GetUnixFileMode(key)));
        var before = await File.ReadAllBytesAsync(Path.Combine(Folder, "ca.key"));
        foreach (var again in new[] { new[] { "ca" }, ["node", "n1"], ["client", "ann"] })
        {
            var refused = await CertsAsync(again);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains("nothing is overwritten", refused.Error, StringComparison.Ordinal);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(Path.Combine(Folder, "ca.key")));
        using var node = X509Certificate2.CreateFromPemFile(Path.Combine(Folder, "n1.crt"), Path.Combine(Folder, "n1.key"));
        Assert.All(["n1", "kv.example", "10.1.2.3", "localhost", "127.0.0.1"], host => Assert.True(node.MatchesHostname(host), host));
        Assert.False(node.MatchesHostname("n2"));
        Assert.InRange((node.NotAfter - node.NotBefore).TotalDays, 365, 366);
    }

    [Fact]
    public async Task Names_that_cannot_be_are_refused()
    {
        Assert.Contains("make them first", (await CertsAsync("node", "n1")).Error, StringComparison.Ordinal);
        Assert.Equal(0, (await CertsAsync("ca")).ExitCode);
        Assert.Contains("cannot be a name here", (await CertsAsync("client", "../x")).Error, StringComparison.Ordinal);
        Assert.Contains("cannot be a name here", (await CertsAsync("node", "ca")).Error, StringComparison.Ordinal);
        Assert.Contains("no host name", (await CertsAsync("node", "n1", "--hosts", "a b")).Error, StringComparison.Ordinal);
        Assert.Contains("from 1 to 36500", (await CertsAsync("node", "n1", "--days", "0")).Error, StringComparison.Ordinal);
        Assert.Equal(["ca.crt", "ca.key"], Directory.GetFiles(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_cluster_gets_all_it_needs_at_once_and_keeps_it()
    {
        var first = await CertsAsync("cluster", "n1", "n2");
        var key = await File.ReadAllBytesAsync(Path.Combine(Folder, "n1", "node.key"));
        var second = await CertsAsync("cluster", "n1", "n2", "n3");

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Equal(key, await File.ReadAllBytesAsync(Path.Combine(Folder, "n1", "node.key")));
        foreach (var name in new[] { "n1", "n2", "n3" })
        {
            Assert.Equal(
                ["ca.crt", "node.crt", "node.key"],
                Directory.GetFiles(Path.Combine(Folder, name)).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_member_serves_with_them_and_health_and_curl_get_through()
    {
        await MakeAsync();
        await using var node = await RestKvProcess.StartAsync(
            _folder.Combine("data"), "https://127.0.0.1:0", NewHandler, null, TlsFlags());

        using var put = await node.Client.PutAsync("/v1/kv/over", new StringContent("tls"));
        Assert.True(put.IsSuccessStatusCode);
        await RestKvBinary.UntilHealthyAsync(
        [
            "--listen-client-urls", $"https://0.0.0.0:{node.Address.Port}",
            "--cert-file", Path.Combine(Folder, "n1.crt"), "--key-file", Path.Combine(Folder, "n1.key"),
        ]);
        var stranger = await RestKvBinary.RunAsync(["health", "--timeout", "60s", "--listen-client-urls", $"https://127.0.0.1:{node.Address.Port}"]);

        Assert.Equal(1, stranger.ExitCode);
        Assert.Equal("tls", await CurlAsync($"https://127.0.0.1:{node.Address.Port}/v1/kv/over", "ann"));
        Assert.Equal("", await CurlAsync($"https://127.0.0.1:{node.Address.Port}/v1/kv/over", null));
        Assert.Equal(0, await node.TerminateAsync());
        Assert.Contains("\"event\":\"TlsInForce\"", node.Log, StringComparison.Ordinal);
        Assert.Contains("no certificate was shown", node.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_used_ends_the_start_before_anything_is_made()
    {
        await MakeAsync();

        var ended = await RestKvBinary.RunAsync(
        [
            "serve", "--data-dir", _folder.Combine("data"), "--listen-client-urls", "https://127.0.0.1:0",
            "--cert-file", Path.Combine(Folder, "n1.crt"), "--key-file", Path.Combine(Folder, "ann.key"),
        ]);

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("ann.key does not go with cert-file", ended.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Combine("data")));
    }

    public void Dispose() => _folder.Dispose();

    private async Task MakeAsync()
    {
        Assert.Equal(0, (await CertsAsync("ca")).ExitCode);
        Assert.Equal(0, (await CertsAsync("node", "n1", "--hosts", "kv.example,10.1.2.3")).ExitCode);
        Assert.Equal(0, (await CertsAsync("client", "ann")).ExitCode);
    }

    private Task<FinishedProcess> CertsAsync(params string[] arguments) =>
        RestKvBinary.RunAsync(["certs", .. arguments, "--dir", Folder]);

    private string[] TlsFlags() =>
    [
        "--cert-file", Path.Combine(Folder, "n1.crt"), "--key-file", Path.Combine(Folder, "n1.key"),
        "--trusted-ca-file", Path.Combine(Folder, "ca.crt"), "--client-cert-auth",
    ];

    private SocketsHttpHandler NewHandler()
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Folder, "ca.crt")) },
        };
        handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(
            X509Certificate2.CreateFromPemFile(Path.Combine(Folder, "ann.crt"), Path.Combine(Folder, "ann.key")), null, offline: true);
        return handler;
    }

    /// <summary>What an independent client gets, which trusts the authority and perhaps shows a certificate.</summary>
    private async Task<string> CurlAsync(string address, string? name)
    {
        string[] shown = name is null
            ? []
            : ["--cert", Path.Combine(Folder, name + ".crt"), "--key", Path.Combine(Folder, name + ".key")];
        using var curl = Process.Start(new ProcessStartInfo(
            "curl", ["-s", "--noproxy", "*", "--cacert", Path.Combine(Folder, "ca.crt"), .. shown, address])
        {
            RedirectStandardOutput = true,
        })!;
        var output = await curl.StandardOutput.ReadToEndAsync();
        await curl.WaitForExitAsync();
        return output;
    }
}
