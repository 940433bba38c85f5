using System.Diagnostics;
using System.Globalization;
using RestKv.Http.Tests.Support;
using RestKv.Testing;

namespace RestKv.Http.Tests.Watch;

/// <summary>`curl -N`, the client of the README.</summary>
public sealed class CurlTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task Curl_shows_events_as_they_happen_and_resumes_by_id()
    {
        using var first = Start(["-sN", Url("prefix=curl/")]);
        await ReadUntilAsync(first, "id: ");
        var one = await PutAsync("curl/a", "1");
        Assert.Contains("\"value\":\"1\"", await ReadUntilAsync(first, $"id: {one}"), StringComparison.Ordinal);
        first.Kill();
        var two = await PutAsync("curl/a", "2");
        var three = await PutAsync("curl/b", "3");

        using var second = Start(["-sN", "-H", $"Last-Event-ID: {one}", Url("prefix=curl/")]);
        var text = await ReadUntilAsync(second, $"id: {three}");
        second.Kill();

        Assert.Contains($"id: {two}", text, StringComparison.Ordinal);
        Assert.DoesNotContain($"\"modRev\":{one},", text, StringComparison.Ordinal);
    }

    private static Process Start(string[] arguments)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo("curl", arguments) { RedirectStandardOutput = true },
        };
        Assert.True(process.Start());
        return process;
    }

    /// <summary>The lines up to the first that begins so.</summary>
    private static async Task<string> ReadUntilAsync(Process process, string beginning)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        var text = "";
        while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            text += line + "\n";
            if (line.StartsWith(beginning, StringComparison.Ordinal))
            {
                return text;
            }
        }

        throw new IOException($"the stream ended after: {text}");
    }

    private string Url(string query) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{node.Port}/v1/watch?{query}");

    private async Task<long> PutAsync(string key, string value) =>
        (await node.SendAsync("PUT", $"/v1/kv/{key}", "", value)).Json.GetProperty("rev").GetInt64();
}
