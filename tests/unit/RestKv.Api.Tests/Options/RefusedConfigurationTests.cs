namespace RestKv.Api.Tests.Options;

/// <summary>Each refusal names the option, the value and the place, so that a person finds it at once.</summary>
public sealed class RefusedConfigurationTests : IDisposable
{
    private readonly OptionsFixture _fixture = new();

    [Theory]
    [InlineData("retention-revisions", "-1", "must be a whole number")]
    [InlineData("retention-age", "-1h", "must be a duration")]
    [InlineData("listen-client-urls", "http://127.0.0.1:70000", "ports end at 65535")]
    [InlineData("listen-client-urls", "http://0.0.0.0:2379", "--insecure")]
    [InlineData("listen-client-urls", "http://192.0.2.1:2379", "--insecure")]
    [InlineData("listen-peer-urls", "http://[::]:2380", "--insecure")]
    [InlineData("listen-client-urls", "http://kv.example:2379", "must be IP addresses or localhost")]
    [InlineData("advertise-client-urls", "http://0.0.0.0:2379", "nobody can connect")]
    [InlineData("data-dir", "", "must name a directory")]
    [InlineData("name", "", "1 to 63")]
    [InlineData("name", "a b", "1 to 63")]
    [InlineData("name", "n1 ", "has spaces before or after it")]
    [InlineData("quota-backend-bytes", "-5", "must be a size")]
    [InlineData("quota-backend-bytes", "5", "at least 1MiB")]
    [InlineData("insecure", "yes", "must be true or false")]
    [InlineData("log-format", "xml", "auto, json, text")]
    [InlineData("log-level", "loud", "debug, info, warn, error")]
    [InlineData("initial-cluster", "n1", "name=http://host:port")]
    [InlineData("initial-cluster", "default=http://a:1,b=http://a:1", "one address to two members")]
    [InlineData("initial-cluster", "a=http://a:1,b=http://b:2", "does not list this member")]
    [InlineData("initial-cluster", "other=http://a:1", "does not list this member")]
    [InlineData("initial-cluster-state", "existing", "a member that can be asked")]
    [InlineData("heartbeat-interval", "200ms", "five heartbeat intervals")]
    [InlineData("heartbeat-interval", "1ms", "from 10ms to 5s")]
    [InlineData("cors-origins", "*", "exact origins")]
    [InlineData("cors-origins", "null", "exact origins")]
    [InlineData("cors-origins", "https://a.example/", "exact origins")]
    [InlineData("host-whitelist", "http://kv.example", "host names")]
    [InlineData("max-value-bytes", "2MiB", "at most max-request-bytes")]
    [InlineData("wal-segment-bytes", "1", "from 1MiB")]
    [InlineData("max-watches", "0", "at least 1")]
    [InlineData("max-concurrent-streams", "0", "at least 1")]
    [InlineData("listen-client-urls", "https://127.0.0.1:2379", "must be https:// with cert-file")]
    [InlineData("listen-peer-urls", "https://127.0.0.1:2380", "must be https:// with peer-cert-file")]
    [InlineData("initial-cluster", "default=https://127.0.0.1:2380", "must be https:// with peer-cert-file")]
    [InlineData("key-file", "/k", "together with cert-file")]
    [InlineData("cert-file", "/c", "together with cert-file")]
    [InlineData("trusted-ca-file", "/c", "no meaning without cert-file")]
    [InlineData("client-cert-auth", "true", "needs trusted-ca-file")]
    [InlineData("peer-cert-file", "/c", "together with peer-cert-file")]
    [InlineData("peer-key-file", "/c", "together with peer-cert-file")]
    [InlineData("peer-trusted-ca-file", "/c", "together with peer-cert-file")]
    public void A_bad_value_is_refused_by_name(string option, string value, string reason)
    {
        var faults = _fixture.Load((option, value)).Faults.Select(fault => fault.ToString()).ToArray();

        Assert.Contains(faults, fault =>
            fault.Contains($"flag --{option}", StringComparison.Ordinal) || fault.Contains("(default)", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public void An_empty_directory_name_is_refused_in_the_file_and_not_set_in_the_environment()
    {
        var path = _fixture.WriteFile("{\n  \"data-dir\": \"\"\n}");
        _fixture.Environment["RESTKV_DATA_DIR"] = "";

        Assert.Equal($"data-dir = \"\" ({path} line 2): must name a directory", _fixture.Fault());
    }

    [Fact]
    public void A_fault_in_the_file_names_its_line()
    {
        var path = _fixture.WriteFile("{\n  \"name\": \"n1\",\n\n  \"retention-age\": \"-1h\"\n}");

        Assert.StartsWith($"retention-age = \"-1h\" ({path} line 4): ", _fixture.Fault(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_key_of_the_file_is_refused_with_a_guess()
    {
        var path = _fixture.WriteFile("{\n  \"dataDir\": \"/x\"\n}");

        Assert.Equal($"dataDir ({path} line 2): is not an option; did you mean data-dir?", _fixture.Fault());
    }

    [Fact]
    public void A_key_that_stands_twice_is_refused_with_both_lines()
    {
        var path = _fixture.WriteFile("{\n  \"name\": \"a\",\n  \"name\": \"a\"\n}");

        Assert.Equal($"name ({path} line 3): stands twice, first in line 2", _fixture.Fault());
    }

    [Theory]
    [InlineData("{\n \"name\": \"a\",\n}", "line 3")]
    [InlineData("{\n \"name\": \"a\"\n} x", "line 3")]
    [InlineData("{\n \"name\": \n", "line 3")]
    [InlineData("[]", "one JSON object")]
    [InlineData("", "is not JSON")]
    [InlineData("{\"name\": null}", "must be a string")]
    [InlineData("{\"name\": {\"a\":1}}", "must be a string")]
    [InlineData("{\"host-whitelist\": [1]}", "must be a string")]
    [InlineData("{\"name\": 5}", "must be a string")]
    [InlineData("{\"data-dir\": true}", "must be a string")]
    [InlineData("{\"max-watches\": true}", "must be a string")]
    [InlineData("{\"log-format\": 1}", "must be a string")]
    public void What_is_not_a_flat_object_is_refused_with_the_line(string json, string part)
    {
        _fixture.WriteFile(json);

        Assert.Contains(part, _fixture.Fault(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused_by_its_path()
    {
        _fixture.ConfigPath = "/no/such/file.json";

        Assert.Contains("/no/such/file.json", _fixture.Fault(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_variable_is_refused_with_a_guess()
    {
        _fixture.Environment["RESTKV_DATADIR"] = "/x";

        Assert.Equal("RESTKV_DATADIR (environment): is not an option; did you mean RESTKV_DATA_DIR?", _fixture.Fault());
    }

    [Theory]
    [InlineData("RESTKV_NAME")]
    [InlineData(null)]
    public void A_variable_of_etcd_that_contradicts_is_refused(string? ownVariable)
    {
        _fixture.Environment["ETCD_NAME"] = "theirs";
        if (ownVariable is not null)
        {
            _fixture.Environment[ownVariable] = "ours";
        }

        var fault = ownVariable is null ? _fixture.Fault(("name", "ours")) : _fixture.Fault();

        Assert.StartsWith("name = \"theirs\" (environment variable ETCD_NAME): contradicts", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void An_overridden_value_is_checked_too()
    {
        _fixture.WriteFile("""{"max-watches":"many"}""");

        Assert.Contains("must be a whole number", _fixture.Fault(("max-watches", "5")), StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_reported_together()
    {
        _fixture.Environment["RESTKV_NAMES"] = "x";
        _fixture.Environment["RESTKV_INSECURE"] = "maybe";

        Assert.Equal(3, _fixture.Load(("max-watches", "-1")).Faults.Count);
    }

    [Fact]
    public void A_certificate_makes_the_addresses_https_and_clear_text_beside_it_is_refused()
    {
        (string, string)[] files = [("cert-file", "/c.crt"), ("key-file", "/c.key")];

        var loaded = _fixture.Load(files);

        Assert.Empty(loaded.Faults);
        Assert.Equal("https://127.0.0.1:2379/", Assert.Single(loaded.Options.ListenClientUrls).ToString());
        Assert.Equal("https://127.0.0.1:2379/", Assert.Single(loaded.Options.AdvertiseClientUrls).ToString());
        Assert.Contains(
            "must be https:// with cert-file",
            _fixture.Fault([.. files, ("listen-client-urls", "http://127.0.0.1:2379")]), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_asks_everybody_for_certificates_may_listen_anywhere()
    {
        (string, string)[] asking =
        [
            ("cert-file", "/c.crt"), ("key-file", "/c.key"), ("trusted-ca-file", "/ca.crt"), ("client-cert-auth", "true"),
            ("peer-cert-file", "/p.crt"), ("peer-key-file", "/p.key"), ("peer-trusted-ca-file", "/ca.crt"),
            ("listen-client-urls", "https://0.0.0.0:2379"), ("listen-peer-urls", "https://0.0.0.0:2380"),
        ];

        Assert.Empty(_fixture.Load(asking).Faults);
        Assert.Contains("--insecure", _fixture.Fault([.. asking, ("peer-client-cert-auth", "false")]), StringComparison.Ordinal);
        asking[3] = ("client-cert-auth", "false");
        Assert.Contains("--insecure", _fixture.Fault(asking), StringComparison.Ordinal);
    }

    [Fact]
    public void Exposure_is_accepted_when_it_is_spelled_out()
    {
        _fixture.Environment["RESTKV_INSECURE"] = "1";

        Assert.Empty(_fixture.Load(("listen-client-urls", "http://0.0.0.0:2379")).Faults);
    }

    public void Dispose() => _fixture.Dispose();
}
