using RestKv.Api.Hosting.Options;

namespace RestKv.Api.Tests.Options;

public sealed class ValueSyntaxTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("1048576", 1_048_576)]
    [InlineData("64MiB", 67_108_864)]
    [InlineData("2GiB", 2_147_483_648)]
    [InlineData("2 GiB", 2_147_483_648)]
    [InlineData("500MB", 500_000_000)]
    [InlineData("1kB", 1000)]
    [InlineData("7B", 7)]
    [InlineData("1TiB", 1_099_511_627_776)]
    public void Sizes_are_bytes_with_a_unit(string text, long bytes)
    {
        Assert.Equal(bytes, ByteSizeText.Parse(text).Value);
        Assert.Null(ByteSizeText.Parse(text).Fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.5GiB")]
    [InlineData("GiB")]
    [InlineData("2gib")]
    [InlineData("2 G")]
    [InlineData("0x10")]
    [InlineData("9223372036854775808")]
    [InlineData("9999999TiB")]
    [InlineData("١")]
    public void What_is_no_size_is_refused(string text) => Assert.NotNull(ByteSizeText.Parse(text).Fault);

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1000, "1000")]
    [InlineData(1536 * 1024, "1536KiB")]
    [InlineData(1L << 31, "2GiB")]
    public void Sizes_are_shown_in_the_largest_whole_unit(long bytes, string text)
    {
        Assert.Equal(text, ByteSizeText.Show(bytes));
        Assert.Equal(bytes, ByteSizeText.Parse(text).Value);
    }

    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("30s", 30_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("2d", 172_800_000)]
    [InlineData("1m1s1ms", 61_001)]
    [InlineData("15", 15_000)]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    public void Durations_have_units_in_falling_order(string text, long milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), DurationText.Parse(text, TimeSpan.FromSeconds(1)).Value);

    [Theory]
    [InlineData("")]
    [InlineData("-5s")]
    [InlineData("1.5s")]
    [InlineData("5x")]
    [InlineData("s")]
    [InlineData("1s1m")]
    [InlineData("1s1s")]
    [InlineData("5 s")]
    [InlineData("1h30")]
    [InlineData("99999999999s")]
    public void What_is_no_duration_is_refused(string text) =>
        Assert.NotNull(DurationText.Parse(text, TimeSpan.FromSeconds(1)).Fault);

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(100, "100ms")]
    [InlineData(5_400_000, "1h30m")]
    public void Durations_are_shown_as_they_are_written(long milliseconds, string text) =>
        Assert.Equal(text, DurationText.Show(TimeSpan.FromMilliseconds(milliseconds)));

    [Theory]
    [InlineData("http://127.0.0.1:2379")]
    [InlineData("http://[::1]:2379,http://localhost:80")]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("https://127.0.0.1:2379,https://localhost:443")]
    public void Addresses_come_back_as_they_were_written(string text)
    {
        var urls = UrlListText.Parse(text);

        Assert.Null(urls.Fault);
        Assert.Equal(text, UrlListText.Show(urls.Value!));
    }

    [Theory]
    [InlineData("127.0.0.1:2379", "is not an address")]
    [InlineData("http://127.0.0.1:70000", "ports end at 65535")]
    [InlineData("http://127.0.0.1", "port is missing")]
    [InlineData("http://[::1]", "port is missing")]
    [InlineData("https://127.0.0.1", "port is missing")]
    [InlineData("HTTPS://127.0.0.1:2379", "is not an address")]
    [InlineData("http://u:p@127.0.0.1:2379", "nothing behind it")]
    [InlineData("http://127.0.0.1:2379/path", "nothing behind it")]
    [InlineData("http://*:2379", "is not an address")]
    [InlineData("http://127.0.0.1:2379,", "is not an address")]
    [InlineData("file:///etc/passwd", "is not an address")]
    public void What_is_no_address_is_refused_with_the_reason(string text, string reason) =>
        Assert.Contains(reason, UrlListText.Parse(text).Fault, StringComparison.Ordinal);

    [Fact]
    public void Members_with_several_addresses_are_one_member()
    {
        var members = InitialMembersText.Parse("n1=http://a:2380,n2=http://b:2380,n1=http://c:2380");

        Assert.Null(members.Fault);
        Assert.Equal("n1=http://a:2380,n1=http://c:2380,n2=http://b:2380", InitialMembersText.Show(members.Value!));
    }
}
