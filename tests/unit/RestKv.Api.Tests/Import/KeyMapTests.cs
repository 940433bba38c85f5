using System.Text;
using Google.Protobuf;
using RestKv.Api.Cli.Import;
using RestKv.Core.Model;

namespace RestKv.Api.Tests.Import;

/// <summary>Which keys an import takes, and what it calls them.</summary>
public sealed class KeyMapTests
{
    [Fact]
    public void Without_prefixes_every_key_is_taken_under_its_own_name()
    {
        Assert.Equal([KeyRange.All], KeyMap.Everything.Sources);
        Assert.Equal([KeyRange.All], KeyMap.Everything.Targets);
        Assert.Equal([0], KeyMap.StartOf(KeyRange.All).ToByteArray());
        Assert.Equal([0], KeyMap.EndOf(KeyRange.All).ToByteArray());
        Assert.True(KeyMap.Everything.Covers(ByteString.CopyFrom([0xff, 0xff])));
        Assert.Equal("k", KeyMap.Everything.ToTarget(ByteString.CopyFromUtf8("k")).ToStringUtf8());
    }

    [Fact]
    public void Prefixes_are_ordered_and_those_within_others_dropped()
    {
        var map = new KeyMap(["b/", "a/x", "a/", "a/"], "", "to/");

        Assert.Equal([Prefix("a/"), Prefix("b/")], map.Sources);
        Assert.Equal([Prefix("to/a/"), Prefix("to/b/")], map.Targets);
        Assert.Equal(KeyRange.Between(Bytes("a/"), Bytes("b0")), map.Covering);
        Assert.False(map.Covers(ByteString.CopyFromUtf8("a0")));
        Assert.Equal("to/b/k", map.ToTarget(ByteString.CopyFromUtf8("b/k")).ToStringUtf8());
    }

    [Fact]
    public void A_prefix_can_be_taken_off_unless_nothing_is_left()
    {
        var map = new KeyMap(["a/"], "a/", "");

        Assert.Equal([KeyRange.All], map.Targets);
        Assert.Equal("k", map.ToTarget(ByteString.CopyFromUtf8("a/k")).ToStringUtf8());
        Assert.Contains("\"a/\"", Assert.Throws<ImportFailure>(() => map.ToTarget(ByteString.CopyFromUtf8("a/"))).Message);
    }

    [Theory]
    [InlineData(new byte[] { 0x61, 0x2f, 0xc3, 0xbc }, "\"a/ü\"")]
    [InlineData(new byte[] { 0x00, 0x0a, 0xff, 0x22, 0x5c, 0x1b }, "\"\\x00\\x0a\\xff\\\"\\\\\\x1b\"")]
    [InlineData(new byte[] { 0xe2, 0x80, 0xae }, "\"\\xe2\\x80\\xae\"")]
    public void Keys_are_shown_on_one_line_whatever_they_hold(byte[] key, string shown) =>
        Assert.Equal(shown, KeyText.Of(ByteString.CopyFrom(key)));

    [Fact]
    public void A_long_key_is_cut_where_it_is_shown() =>
        Assert.EndsWith("xxx…\"", KeyText.Of(ByteString.CopyFromUtf8(new string('x', 5000))), StringComparison.Ordinal);

    private static KeyRange Prefix(string text) => KeyRange.Prefix(Bytes(text));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
