using System.Net;
using System.Net.Sockets;
using System.Text;
using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests;

/// <summary>`restkv snapshot save`: a file of the asked name is a whole backup, or is what it was before.</summary>
public sealed class SnapshotSaveTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string File => _folder.Combine("kv.snap");

    [Fact]
    public async Task What_was_saved_is_whole_and_replaces_what_was_there()
    {
        await using var node = await RestKvProcess.StartAsync(_folder.Combine("data"));
        await System.IO.File.WriteAllTextAsync(File, "an older backup");
        await System.IO.File.WriteAllTextAsync(File + ".part", "of a process that was killed");
        for (var i = 0; i < 20; i++)
        {
            using var put = await node.Client.PutAsync($"/v1/kv/k{i}", new ByteArrayContent(new byte[100_000]));
            Assert.True(put.IsSuccessStatusCode);
        }

        var saved = await SaveAsync("--endpoint", node.Address.ToString());
        var status = await RestKvBinary.RunAsync(["snapshot", "status", File]);

        Assert.Equal((0, ""), (saved.ExitCode, saved.Error));
        Assert.StartsWith("saved: cluster ", saved.Output, StringComparison.Ordinal);
        Assert.Contains("revision 21, 20 keys", saved.Output, StringComparison.Ordinal);
        Assert.Equal("intact" + saved.Output["saved".Length..], status.Output);
        Assert.Equal(["kv.snap"], FilesHere());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public async Task Without_an_endpoint_the_member_on_this_machine_is_asked()
    {
        await using var node = await RestKvProcess.StartAsync(_folder.Combine("data"));

        var saved = await RestKvBinary.RunAsync(
            ["snapshot", "save", File], new Dictionary<string, string> { ["RESTKV_LISTEN_CLIENT_URLS"] = $"http://0.0.0.0:{node.Address.Port}" });

        Assert.Equal((0, ""), (saved.ExitCode, saved.Error));
        Assert.Equal(["kv.snap"], FilesHere());
    }

    [Fact]
    public async Task An_answer_that_breaks_off_or_is_damaged_leaves_the_older_file()
    {
        byte[] backup;
        await using (var node = await RestKvProcess.StartAsync(_folder.Combine("data")))
        {
            backup = await node.Client.GetByteArrayAsync("/v1/snapshot");
        }

        await System.IO.File.WriteAllTextAsync(File, "an older backup");
        var garbled = (byte[])backup.Clone();
        garbled[^100] ^= 1;
        var head = $"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {backup.Length}\r\n\r\n";

        var cut = await SaveFromAsync(head, backup[..^1]);
        var damaged = await SaveFromAsync(head, garbled);
        var lacking = await SaveFromAsync($"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", backup[..^64]);
        var refused = await SaveFromAsync(
            "HTTP/1.1 503 Busy\r\nConnection: close\r\n\r\n", Encoding.UTF8.GetBytes("""{"title":"too many backups"}"""));

        Assert.Equal((1, 3, 3, 1), (cut.ExitCode, damaged.ExitCode, lacking.ExitCode, refused.ExitCode));
        Assert.Contains("broke off", cut.Error, StringComparison.Ordinal);
        Assert.Matches("kv.snap.* is damaged at offset [0-9]+.*; nothing was saved", damaged.Error);
        Assert.Contains("answered 503: too many backups", refused.Error, StringComparison.Ordinal);
        Assert.Equal("an older backup", await System.IO.File.ReadAllTextAsync(File));
        Assert.Equal(["kv.snap"], FilesHere());
    }

    [Fact]
    public async Task What_cannot_be_asked_or_written_is_said_with_a_code()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();

        var nobody = await SaveAsync("--endpoint", $"http://127.0.0.1:{port}");
        var path = await SaveAsync("--endpoint", "http://127.0.0.1:2379/v1/kv");
        var words = await SaveAsync("--endpoint", "localhost");
        var nowhere = await RestKvBinary.RunAsync(["snapshot", "save", _folder.Combine("no/such/folder"), "--endpoint", "http://127.0.0.1:1"]);

        Assert.Equal((1, 2, 2, 2), (nobody.ExitCode, path.ExitCode, words.ExitCode, nowhere.ExitCode));
        Assert.Contains($"no backup from http://127.0.0.1:{port}/", nobody.Error, StringComparison.Ordinal);
        Assert.Contains("--endpoint localhost: must be an address", words.Error, StringComparison.Ordinal);
        Assert.Empty(FilesHere());
    }

    [Fact]
    public async Task Over_TLS_the_member_must_be_trusted_and_the_client_shows_its_certificate()
    {
        var certs = _folder.Combine("certs");
        foreach (var make in new[] { new[] { "ca" }, ["node", "n1"], ["client", "ann"] })
        {
            Assert.Equal(0, (await RestKvBinary.RunAsync(["certs", .. make, "--dir", certs])).ExitCode);
        }

        string[] trust = ["--trusted-ca-file", Path.Combine(certs, "ca.crt")];
        string[] ann = ["--cert-file", Path.Combine(certs, "ann.crt"), "--key-file", Path.Combine(certs, "ann.key")];
        await using var node = RestKvProcess.Launch(
        [
            "serve", "--data-dir", _folder.Combine("data"), "--listen-client-urls", "https://127.0.0.1:0", "--client-cert-auth", .. trust,
            "--cert-file", Path.Combine(certs, "n1.crt"), "--key-file", Path.Combine(certs, "n1.key"),
        ]);
        await node.WaitUntilServingAsync();
        string[] endpoint = ["--endpoint", node.Address.ToString()];
        FinishedProcess? saved = null;
        await Eventually.TrueAsync(
            async () => (saved = await SaveAsync([.. endpoint, .. trust, .. ann])).ExitCode == 0,
            "the member to give a backup", () => saved?.Error + node.Log);

        var stranger = await SaveAsync([.. endpoint, .. trust]);
        var trustless = await SaveAsync([.. endpoint, .. ann]);
        var keyless = await SaveAsync([.. endpoint, .. trust, "--cert-file", ann[1], "--key-file", _folder.Combine("none")]);

        Assert.Equal((1, 1, 2), (stranger.ExitCode, trustless.ExitCode, keyless.ExitCode));
        Assert.Equal(["kv.snap"], FilesHere());
    }

    public void Dispose() => _folder.Dispose();

    private Task<FinishedProcess> SaveAsync(params string[] flags) => RestKvBinary.RunAsync(["snapshot", "save", File, .. flags]);

    private IEnumerable<string?> FilesHere() => Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    /// <summary>Asks a server that says exactly this and closes the connection.</summary>
    private async Task<FinishedProcess> SaveFromAsync(string head, byte[] body)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var saving = SaveAsync("--endpoint", $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        using (var client = await listener.AcceptTcpClientAsync().WaitAsync(Eventually.Deadline))
        {
            var stream = client.GetStream();
            using var request = new StreamReader(stream, Encoding.ASCII, false, 1024, leaveOpen: true);
            while (await request.ReadLineAsync() is { Length: > 0 })
            {
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
            await stream.WriteAsync(body);
        }

        return await saving;
    }
}
