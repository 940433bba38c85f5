using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests;

/// <summary>A wrong configuration ends the process with code 2 and a text that names what and where.</summary>
public sealed class ConfigurationRefusalTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("--data-dri", "Did you mean --data-dir?")]
    [InlineData("--name", "--name")]
    [InlineData("extra", "extra")]
    [InlineData("--max-watches=-1", "flag --max-watches")]
    [InlineData("--listen-client-urls=http://127.0.0.1:70000", "ports end at 65535")]
    [InlineData("--listen-client-urls=http://0.0.0.0:2379", "--insecure")]
    [InlineData("--config=/no/such/file", "/no/such/file")]
    [InlineData("--data-dir=", "--data-dir")]
    public async Task A_wrong_flag_is_refused(string flag, string text)
    {
        var ended = await RestKvBinary.RunAsync(["serve", flag]);

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains(text, ended.Error, StringComparison.Ordinal);
        Assert.Empty(ended.Output);
    }

    [Fact]
    public async Task A_command_that_is_none_and_a_flag_of_a_command_are_told_apart()
    {
        var verb = await RestKvBinary.RunAsync(["bogus"]);
        var flag = await RestKvBinary.RunAsync(["--data-dri", "x"]);

        Assert.Equal((2, 2), (verb.ExitCode, flag.ExitCode));
        Assert.Equal(
            "restkv: there is no command \"bogus\"; there are "
            + "serve, health, check, inspect, snapshot, restore, import, certs\nTry: restkv --help\n", verb.Error);
        Assert.Contains("Did you mean --data-dir?", flag.Error, StringComparison.Ordinal);
        Assert.EndsWith("Try: restkv serve --help\n", flag.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_open_to_others_is_closed_and_that_is_said()
    {
        var path = _folder.Combine("open");
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);

        await using var process = await RestKvProcess.StartAsync(path);

        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(path));
        Assert.Equal(0, await process.TerminateAsync());
        Assert.Contains("was open to others (mode 755)", process.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("check")]
    [InlineData("inspect")]
    public async Task An_empty_directory_name_is_refused(string verb)
    {
        var ended = await RestKvBinary.RunAsync([verb, "--data-dir", ""]);

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("data-dir = \"\" (flag --data-dir): must name a directory", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_variable_is_refused()
    {
        var ended = await RestKvBinary.RunAsync([], new Dictionary<string, string> { ["RESTKV_DATADIR"] = _folder.Path });

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("RESTKV_DATADIR (environment): is not an option", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_file_is_refused_with_its_line()
    {
        var path = _folder.Combine("restkv.json");
        await File.WriteAllTextAsync(path, "{\n  \"name\": \"n1\",\n  \"retention-revisions\": -1\n}\n");

        var ended = await RestKvBinary.RunAsync(["--config", path]);

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains($"retention-revisions = \"-1\" ({path} line 3)", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_configuration_is_shown_with_its_sources()
    {
        var path = _folder.Combine("restkv.json");
        await File.WriteAllTextAsync(path, """{ "name": "n1" }""");

        var ended = await RestKvBinary.RunAsync(
            ["serve", "--config", path, "--print-config", "--quota-backend-bytes", "1GiB"],
            new Dictionary<string, string> { ["RESTKV_DATA_DIR"] = _folder.Path });

        Assert.Equal(0, ended.ExitCode);
        Assert.Matches($"name +n1 +{path} line 1\n", ended.Output);
        Assert.Matches($"data-dir +{_folder.Path} +environment variable RESTKV_DATA_DIR\n", ended.Output);
        Assert.Matches("quota-backend-bytes +1GiB +flag --quota-backend-bytes\n", ended.Output);
        Assert.Matches("insecure +false +default\n", ended.Output);
    }

    [Fact]
    public async Task A_file_in_the_place_of_the_data_directory_is_refused()
    {
        var path = _folder.Combine("data");
        await File.WriteAllTextAsync(path, "mine");

        var ended = await ServeAsync(path);

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains(path, ended.Error, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task A_directory_with_other_content_is_refused_and_left_alone()
    {
        await File.WriteAllTextAsync(_folder.Combine("thesis.txt"), "mine");

        var ended = await ServeAsync(_folder.Path);

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("thesis.txt", ended.Error, StringComparison.Ordinal);
        Assert.Equal([_folder.Combine("thesis.txt")], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_made_is_refused()
    {
        var ended = await ServeAsync("/proc/restkv");

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("/proc/restkv", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_process_on_one_data_directory_is_refused_and_the_first_goes_on()
    {
        await using var first = await RestKvProcess.StartAsync(_folder.Path);

        var second = await ServeAsync(_folder.Path);

        Assert.Equal(2, second.ExitCode);
        Assert.Contains("in use by another process", second.Error, StringComparison.Ordinal);
        using var response = await first.Client.PutAsync("/v1/kv/still", new StringContent("here"));
        Assert.True(response.IsSuccessStatusCode);
    }

    [Fact]
    public async Task An_address_that_is_taken_fails_with_a_sentence()
    {
        await using var first = await RestKvProcess.StartAsync(_folder.Combine("first"));

        var second = await RestKvBinary.RunAsync(
            ["--data-dir", _folder.Combine("second"), "--listen-client-urls", $"http://127.0.0.1:{first.Address.Port}"]);

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("address already in use", second.Error, StringComparison.OrdinalIgnoreCase);
        Assert.False(Directory.Exists(_folder.Combine("second")));
        Assert.DoesNotContain("   at ", second.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static Task<FinishedProcess> ServeAsync(string dataDirectory) =>
        RestKvBinary.RunAsync(["serve", "--data-dir", dataDirectory, "--listen-client-urls", "http://127.0.0.1:0"]);
}
