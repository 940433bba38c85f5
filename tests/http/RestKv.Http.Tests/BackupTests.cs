using System.Net;
using System.Security.Cryptography;
using RestKv.Api.Hosting;
using RestKv.Http.Tests.Support;
using RestKv.Storage;
using RestKv.Storage.Snapshots;
using RestKv.Testing;

namespace RestKv.Http.Tests;

/// <summary>`/v1/snapshot` as an answer: headers, trailer, forms, and what happens when it cannot be finished.</summary>
public sealed class BackupTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Theory]
    [InlineData("/v1/snapshot")]
    [InlineData("/v1/snapshot?consistency=local")]
    [InlineData("/v1/snapshot?minRev=1&timeout=60s")]
    public async Task A_backup_is_a_whole_snapshot_file(string target)
    {
        await node.SendAsync("PUT", "/v1/kv/backed-up", "", "yes");

        using var answer = await node.Client.GetAsync(target);
        var bytes = await answer.Content.ReadAsByteArrayAsync();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType!.MediaType);
        Assert.Matches("^restkv-[0-9a-f]+-[0-9]+\\.snap$", answer.Content.Headers.ContentDisposition!.FileName!.Trim('"'));
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        using var folder = new TempFolder();
        await File.WriteAllBytesAsync(folder.Combine("b"), bytes);
        var facts = BackupRestore.Check(folder.Combine("b"));
        Assert.Equal(answer.Headers.GetValues("Kv-Revision").Single(), $"{facts.Revision}");
    }

    [Fact]
    public async Task Over_http_2_a_trailer_gives_the_digest_of_the_file()
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = node.Client.BaseAddress,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using var answer = await client.GetAsync("/v1/snapshot");
        var bytes = await answer.Content.ReadAsByteArrayAsync();

        Assert.Equal(
            $"sha-256=:{Convert.ToBase64String(SHA256.HashData(bytes))}:",
            answer.TrailingHeaders.GetValues("Repr-Digest").Single());
    }

    [Theory]
    [InlineData("GET", "/v1/snapshot?rev=1", "", 400)]
    [InlineData("GET", "/v1/snapshot", "Accept: application/json", 406)]
    [InlineData("POST", "/v1/snapshot", "", 405)]
    [InlineData("GET", "/v1/snapshot?minRev=900000000&timeout=1s", "", 504)]
    public async Task What_is_no_request_for_a_backup_is_refused(string method, string target, string headers, int status) =>
        Assert.Equal(status, (await node.SendAsync(method, target, headers, "")).Status);

    [Fact]
    public async Task Head_tells_the_headers_and_sends_nothing()
    {
        using var answer = await node.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/v1/snapshot"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType!.MediaType);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_state_that_cannot_be_written_ends_without_a_footer()
    {
        var whole = await node.Backups.CaptureAsync(CancellationToken.None);
        var sent = new MemoryStream();

        await Assert.ThrowsAnyAsync<Exception>(() => BackupStream.SendAsync(
            whole with { Image = whole.Image with { Leases = null! } }, sent.WriteAsync, CancellationToken.None));

        using var folder = new TempFolder();
        await File.WriteAllBytesAsync(folder.Combine("b"), sent.ToArray());
        Assert.ThrowsAny<CorruptDataException>(() => BackupRestore.Check(folder.Combine("b")));
    }

    [Fact]
    public async Task A_reader_that_fails_ends_the_backup_and_no_more_than_a_few_blocks_wait_for_it()
    {
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(201, (await node.SendAsync("PUT", $"/v1/kv/large/{i}", "", new byte[1 << 20])).Status);
        }

        var whole = await node.Backups.CaptureAsync(CancellationToken.None);
        var blocks = new List<int>();
        ValueTask TakeTwo(ReadOnlyMemory<byte> block, CancellationToken stop)
        {
            blocks.Add(block.Length);
            return blocks.Count < 3 ? ValueTask.CompletedTask : throw new IOException("the reader is gone");
        }

        await Assert.ThrowsAsync<IOException>(() => BackupStream.SendAsync(whole, TakeTwo, CancellationToken.None));

        Assert.Equal([1024, SnapshotEncoder.BlockBytesMax, SnapshotEncoder.BlockBytesMax], blocks);
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            BackupStream.SendAsync(whole, (_, _) => ValueTask.CompletedTask, stopped.Token));
    }

    [Fact]
    public async Task The_bytes_do_not_depend_on_who_takes_the_backup_or_when()
    {
        var image = await node.Backups.CaptureAsync(CancellationToken.None);
        var (first, second) = (new MemoryStream(), new MemoryStream());

        var digests = await BackupStream.SendAsync(image, first.WriteAsync, CancellationToken.None);
        await BackupStream.SendAsync(image, second.WriteAsync, CancellationToken.None);

        Assert.Equal(first.ToArray(), second.ToArray());
        Assert.Equal(SHA256.HashData(first.ToArray()), digests.File);
    }
}
