using RestKv.Api.Hosting;
using RestKv.Api.Hosting.Options;

namespace RestKv.Api.Tests.Options;

public sealed class NodeOptionsLoaderTests : IDisposable
{
    private readonly OptionsFixture _fixture = new();

    [Fact]
    public void Without_anything_a_single_member_listens_on_loopback()
    {
        var loaded = _fixture.Load();

        Assert.Empty(loaded.Faults);
        Assert.Equal("default", loaded.Options.Name);
        Assert.Equal(Path.GetFullPath("restkv-data"), loaded.Options.DataDir);
        Assert.Equal("http://127.0.0.1:2379/", Assert.Single(loaded.Options.ListenClientUrls).ToString());
        Assert.Equal(OptionsFixture.MemoryLimitBytes / 2, loaded.Options.QuotaBackendBytes);
        Assert.Equal("default", Assert.Single(loaded.Options.InitialCluster).Name);
        Assert.False(loaded.Options.IsInitialClusterGiven);
    }

    [Fact]
    public void A_list_of_members_is_noted_as_given()
    {
        var loaded = _fixture.Load(("initial-cluster", "default=http://127.0.0.1:2380"));

        Assert.Empty(loaded.Faults);
        Assert.True(loaded.Options.IsInitialClusterGiven);
    }

    [Fact]
    public void Flags_win_over_environment_and_environment_over_file()
    {
        _fixture.WriteFile("""{"name":"from-file","log-level":"warn","max-watches":7}""");
        _fixture.Environment["RESTKV_NAME"] = "from-environment";
        _fixture.Environment["RESTKV_LOG_LEVEL"] = "error";

        var loaded = _fixture.Load(("name", "from-flag"));

        Assert.Empty(loaded.Faults);
        Assert.Equal("from-flag", loaded.Options.Name);
        Assert.Equal(LogLevel.Error, loaded.Options.LogLevel);
        Assert.Equal(7, loaded.Options.MaxWatches);
        Assert.Equal("flag --name", Place(loaded, nameof(NodeOptions.Name)));
        Assert.Equal("environment variable RESTKV_LOG_LEVEL", Place(loaded, nameof(NodeOptions.LogLevel)));
        Assert.EndsWith("line 1", Place(loaded, nameof(NodeOptions.MaxWatches)), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_option_takes_back_the_text_it_shows()
    {
        var options = _fixture.Load().Options with
        {
            HostWhitelist = ["kv.example"],
            CorsOrigins = ["https://a.example"],
            RetentionRevisions = 5,
            RetentionAge = TimeSpan.FromMinutes(90),
        };

        foreach (var definition in OptionCatalog.All)
        {
            var parsed = definition.Apply(options, definition.Show(options));

            Assert.Null(parsed.Fault);
            Assert.Equal(definition.Show(options), definition.Show(parsed.Value!));
        }
    }

    [Fact]
    public void Every_option_is_a_property_of_the_options()
    {
        // That members or peer addresses were given is noted beside them.
        var settable = typeof(NodeOptions).GetProperties().Where(property => property.CanWrite).Select(property => property.Name)
            .Where(name => name is not (nameof(NodeOptions.IsInitialClusterGiven) or nameof(NodeOptions.IsListenPeerUrlsGiven)));

        Assert.Equal(
            settable.Order(StringComparer.Ordinal),
            OptionCatalog.All.Select(option => option.Property).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_variable_names_the_file_when_no_flag_does()
    {
        _fixture.Environment["RESTKV_CONFIG"] = _fixture.WriteFile("""{"name":"n7"}""");
        _fixture.ConfigPath = null;

        Assert.Equal("n7", _fixture.Load().Options.Name);
    }

    [Fact]
    public void Lists_in_the_file_may_be_arrays_and_numbers_may_be_numbers()
    {
        _fixture.WriteFile("""
            {
              "listen-client-urls": ["http://127.0.0.1:1", "http://[::1]:1"],
              "heartbeat-interval": 50,
              "insecure": true
            }
            """);

        var options = _fixture.Load().Options;

        Assert.Equal(2, options.ListenClientUrls.Count);
        Assert.Equal(TimeSpan.FromMilliseconds(50), options.HeartbeatInterval);
        Assert.True(options.Insecure);
    }

    [Fact]
    public void Names_of_etcd_work_with_a_warning()
    {
        _fixture.Environment["ETCD_NAME"] = "infra1";
        _fixture.Environment["ETCD_AUTO_TLS"] = "true";

        var loaded = _fixture.Load();

        Assert.Empty(loaded.Faults);
        Assert.Equal("infra1", loaded.Options.Name);
        Assert.Contains(loaded.Warnings, text => text.Contains("use RESTKV_NAME", StringComparison.Ordinal));
        Assert.Contains(loaded.Warnings, text => text.StartsWith("ETCD_AUTO_TLS has no meaning", StringComparison.Ordinal));
    }

    [Fact]
    public void The_quota_may_be_left_to_the_machine_by_zero() =>
        Assert.Equal(OptionsFixture.MemoryLimitBytes / 2, _fixture.Load(("quota-backend-bytes", "0")).Options.QuotaBackendBytes);

    [Fact]
    public void Listening_on_every_address_advertises_the_host_name()
    {
        var loaded = _fixture.Load(
            ("listen-client-urls", "http://0.0.0.0:5"), ("listen-peer-urls", "http://[::]:6"), ("insecure", "true"));

        Assert.Empty(loaded.Faults);
        Assert.Equal("http://box:5/", Assert.Single(loaded.Options.AdvertiseClientUrls).ToString());
        Assert.Equal("http://box:6/", Assert.Single(loaded.Options.InitialAdvertisePeerUrls).ToString());
    }

    [Fact]
    public void The_peer_address_comes_from_the_initial_cluster_when_it_is_listed_there()
    {
        var loaded = _fixture.Load(("name", "n1"), ("initial-cluster", "n1=http://n1:2380"));

        Assert.Empty(loaded.Faults);
        Assert.Equal("http://n1:2380/", Assert.Single(loaded.Options.InitialAdvertisePeerUrls).ToString());
    }

    [Theory]
    [InlineData("RESTKV_SERVICE_HOST", "10.0.0.1")]
    [InlineData("RESTKV_SERVICE_PORT", "2379")]
    [InlineData("RESTKV_SERVICE_PORT_CLIENT", "2379")]
    [InlineData("RESTKV_PORT", "tcp://10.0.0.1:2379")]
    [InlineData("RESTKV_PORT_2379_TCP_ADDR", "10.0.0.1")]
    [InlineData("RESTKV_HEADLESS_PORT_2379_TCP", "tcp://10.0.0.1:2379")]
    [InlineData("RESTKV_ENDPOINTS", "http://10.0.0.1:2379")]
    [InlineData("RESTKV_TOKEN", "rkv_x")]
    [InlineData("RESTKV_NAME", "")]
    public void Variables_of_others_are_left_alone(string name, string value)
    {
        _fixture.Environment[name] = value;

        Assert.Empty(_fixture.Load().Faults);
    }

    public void Dispose() => _fixture.Dispose();

    private static string Place(OptionsResult loaded, string property) => loaded.InForce[OptionCatalog.OfProperty(property)].Place;
}
