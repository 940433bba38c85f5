using System.Text.RegularExpressions;
using RestKv.Api.Hosting.Options;
using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests;

/// <summary>
/// The compose file without a container engine: its text agrees with the image and the options that exist, and the members it
/// describes are run as processes from the same environment, host names and mount points alone replaced.
/// </summary>
public sealed partial class ComposeTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ComposeFile _compose = new();
    private readonly string _dockerfile = File.ReadAllText(Repository.PathOf("Dockerfile"));

    [Fact]
    public void Three_members_and_who_makes_their_certificates_are_described()
    {
        Assert.Equal(["certs", "n1", "n2", "n3"], _compose.Services.Order(StringComparer.Ordinal));
        Assert.Equal(["n1", "n2", "n3"], _compose.Members.Order(StringComparer.Ordinal));
        foreach (var member in _compose.Members)
        {
            var environment = _compose.Environment(member);
            Assert.Equal(member, environment["RESTKV_NAME"]);
            Assert.Contains($"{member}=https://{member}:2380", environment["RESTKV_INITIAL_CLUSTER"], StringComparison.Ordinal);
            Assert.Contains($"    hostname: {member}\n", _compose.Body(member), StringComparison.Ordinal);
            Assert.Contains($"volumes: [\"{member}:/data\", \"certs:/certs:ro\"]", _compose.Body(member), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_variable_is_an_option_and_every_file_has_a_maker()
    {
        var known = OptionCatalog.All.Select(option => option.EnvironmentName).ToHashSet(StringComparer.Ordinal);
        foreach (var member in _compose.Members)
        {
            var environment = _compose.Environment(member);
            Assert.Empty(environment.Keys.Except(known));
            Assert.Equal($"/certs/{member}/node.crt", environment["RESTKV_PEER_CERT_FILE"]);
        }

        Assert.Equal(["certs", "cluster", "n1", "n2", "n3", "--dir", "/certs"], _compose.Command("certs"));
    }

    [Fact]
    public void Only_client_ports_are_published_and_to_this_machine_only()
    {
        var published = Published().Matches(_compose.Text).Select(match => match.Groups["ports"].Value).ToArray();

        Assert.Equal(["127.0.0.1:2379:2379", "127.0.0.1:2389:2379", "127.0.0.1:2399:2379"], published);
        Assert.DoesNotContain('\t', _compose.Text);
    }

    [Fact]
    public void Health_is_asked_of_the_binary_and_members_wait_for_their_certificates_and_not_for_each_other()
    {
        Assert.Contains("test: [\"CMD\", \"/app/restkv\", \"health\"]", _compose.Text, StringComparison.Ordinal);
        var waits = Waits().Matches(_compose.Text).Select(match => match.Groups["service"].Value).ToArray();
        Assert.Equal(["certs"], waits);
    }

    [Fact]
    public void What_is_mounted_belongs_to_the_user_of_the_image()
    {
        foreach (var path in new[] { "/data", "/certs" })
        {
            Assert.Contains($"--chown=1654:1654 {path} {path}\n", _dockerfile, StringComparison.Ordinal);
        }

        Assert.Equal(["certs", "n1", "n2", "n3"], Volume().Matches(_compose.Text).Select(match => match.Groups["name"].Value));
    }

    [Theory]
    [InlineData("n1", "n2", "n3")]
    [InlineData("n3", "n1", "n2")]
    public async Task The_members_form_one_cluster_in_any_order_of_start(params string[] order)
    {
        await MakeCertificatesAsync();
        var ports = FreePorts.Take(order.Length);
        var peers = _compose.Members.Order(StringComparer.Ordinal).Zip(ports).ToDictionary(pair => pair.First, pair => pair.Second);
        await FormClusterAsync(order, name => RestKvProcess.Launch(["serve"], AsProcess(name, peers)));
    }

    [Fact]
    public async Task The_members_form_one_cluster_under_their_own_names_in_network_namespaces()
    {
        string[] order = ["n2", "n3", "n1"];
        await using var spaces = await NetworkNamespaces.TryCreateAsync(order);
        if (spaces is null)
        {
            await Console.Error.WriteLineAsync("SKIPPED ROW: network namespaces need root and ip");
            return;
        }

        await MakeCertificatesAsync();
        await FormClusterAsync(order, name => RestKvProcess.LaunchIn(spaces, name, InContainer(name)));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Twice, as a second `docker compose up` would: nothing changes.</summary>
    private async Task MakeCertificatesAsync()
    {
        var command = _compose.Command("certs").Select(word => word.Replace("/certs", _folder.Combine("certs"), StringComparison.Ordinal)).ToArray();
        Assert.Equal(0, (await RestKvBinary.RunAsync(command)).ExitCode);
        var again = await RestKvBinary.RunAsync(command);
        Assert.Equal((0, ""), (again.ExitCode, again.Output));
    }

    private static async Task FormClusterAsync(string[] order, Func<string, RestKvProcess> launch)
    {
        var members = new List<RestKvProcess>();
        try
        {
            foreach (var name in order)
            {
                members.Add(launch(name));
            }

            foreach (var member in members)
            {
                await member.WaitUntilReadyAsync();
                await RestKvBinary.UntilHealthyAsync(["--listen-client-urls", member.Address.ToString()]);
            }

            using var put = await members[0].Client.PutAsync("/v1/kv/hello", new StringContent("world"));
            Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
            Assert.Equal("world", await members[1].Client.GetStringAsync("/v1/kv/hello"));
            Assert.Equal("world", await members[2].Client.GetStringAsync("/v1/kv/hello"));
            Assert.All(members, member => Assert.Contains("peer connections are served with", member.Log, StringComparison.Ordinal));
        }
        finally
        {
            foreach (var member in members)
            {
                await member.DisposeAsync();
            }
        }
    }

    /// <summary>What the container would have; mount points lie in the test's folder.</summary>
    private Dictionary<string, string> InContainer(string name)
    {
        var environment = EnvironmentPair().Matches(Comment().Replace(_dockerfile, "")).ToDictionary(
            pair => pair.Groups["name"].Value, pair => pair.Groups["value"].Value);
        foreach (var (variable, value) in _compose.Environment(name))
        {
            environment[variable] = value.Replace("/certs", _folder.Combine("certs"), StringComparison.Ordinal);
        }

        environment["RESTKV_DATA_DIR"] = _folder.Combine(name);
        return environment;
    }

    /// <summary>As above, with host names and ports as ports of this machine.</summary>
    private Dictionary<string, string> AsProcess(string name, Dictionary<string, int> peers)
    {
        var environment = InContainer(name);
        foreach (var variable in environment.Keys.ToArray())
        {
            var value = environment[variable]
                .Replace("https://0.0.0.0:2380", $"https://127.0.0.1:{peers[name]}", StringComparison.Ordinal)
                .Replace("http://0.0.0.0:2379", "http://127.0.0.1:0", StringComparison.Ordinal);
            environment[variable] = peers.Aggregate(value, (text, peer) =>
                text.Replace($"https://{peer.Key}:2380", $"https://127.0.0.1:{peer.Value}", StringComparison.Ordinal));
        }

        return environment;
    }

    [GeneratedRegex("^    ports: \\[\"(?<ports>[^\"]*)\"\\]$", RegexOptions.Multiline)]
    private static partial Regex Published();

    [GeneratedRegex(@"^    (?<service>\w+): \{ condition: ", RegexOptions.Multiline)]
    private static partial Regex Waits();

    [GeneratedRegex(@"^  (?<name>\w+): \{\}$", RegexOptions.Multiline)]
    private static partial Regex Volume();

    [GeneratedRegex("^#.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b(?<name>(RESTKV|DOTNET)_\w+)=(?<value>[^\s\\]+)")]
    private static partial Regex EnvironmentPair();
}
