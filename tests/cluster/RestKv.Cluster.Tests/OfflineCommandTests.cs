using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests;

/// <summary>`restkv check` and `restkv inspect` on the directory of a process that was killed, and damage that stops a start.</summary>
public sealed class OfflineCommandTests : IDisposable
{
    private const int Writes = 50;

    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Check_finds_a_killed_directory_usable_and_changes_nothing()
    {
        await WriteAndKillAsync();
        var before = Content();

        var check = await RestKvBinary.RunAsync(["check", "--data-dir", _folder.Path]);

        Assert.Equal(0, check.ExitCode);
        Assert.Contains("usable", check.Output, StringComparison.Ordinal);
        Assert.Equal(before, Content());
    }

    [Fact]
    public async Task Inspect_prints_the_records_of_the_log()
    {
        await WriteAndKillAsync();

        var inspect = await RestKvBinary.RunAsync(["inspect", "--data-dir", _folder.Path]);

        Assert.Equal(0, inspect.ExitCode);
        Assert.True(inspect.Output.Split('\n').Length > Writes, inspect.Output);
        Assert.Contains("cluster", inspect.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_in_promised_data_stops_the_start_with_file_and_offset()
    {
        await WriteAndKillAsync();
        var segment = Directory.GetFiles(_folder.Combine("wal")).Order(StringComparer.Ordinal).First();
        var bytes = await File.ReadAllBytesAsync(segment);

        // The first frame follows the header's sector; many flushes after it witness that it was durable.
        bytes[4096 + 100] ^= 0x40;
        await File.WriteAllBytesAsync(segment, bytes);

        var start = await RestKvBinary.RunAsync(["--data-dir", _folder.Path, "--listen-client-urls", "http://127.0.0.1:0"]);
        var check = await RestKvBinary.RunAsync(["check", "--data-dir", _folder.Path]);

        Assert.Equal(3, start.ExitCode);
        Assert.Matches($"{Path.GetFileName(segment)}.* offset [0-9]+", start.Error);
        Assert.Equal(3, check.ExitCode);
    }

    [Fact]
    public async Task A_directory_without_data_is_no_data()
    {
        var check = await RestKvBinary.RunAsync(["check", "--data-dir", _folder.Path]);

        Assert.Equal(2, check.ExitCode);
    }

    public void Dispose() => _folder.Dispose();

    private async Task WriteAndKillAsync()
    {
        await using var node = await RestKvProcess.StartAsync(_folder.Path);
        for (var write = 0; write < Writes; write++)
        {
            using var response = await node.Client.PutAsync($"/v1/kv/k{write}", new StringContent("value"));
            Assert.True(response.IsSuccessStatusCode);
        }

        await node.KillAsync();
    }

    /// <summary>Name, length and time of change of every file.</summary>
    private string Content() => string.Join('\n', new DirectoryInfo(_folder.Path)
        .EnumerateFiles("*", SearchOption.AllDirectories)
        .Select(file => $"{file.FullName} {file.Length} {file.LastWriteTimeUtc:O}")
        .Order(StringComparer.Ordinal));
}
