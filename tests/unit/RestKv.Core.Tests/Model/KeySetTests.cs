using System.Text;
using RestKv.Core.Model;
using RestKv.Raft;
using RestKv.Testing;

namespace RestKv.Core.Tests.Model;

public sealed class KeySetTests
{
    [Theory]
    [InlineData("a-c c-e", "a-e", true)]
    [InlineData("a-c d-e", "a-e", false)]
    [InlineData("a-d b-e", "b-e", true)]
    [InlineData("a-z", "b-c", true)]
    [InlineData("b-c", "a-c", false)]
    [InlineData("b-c", "b-d", false)]
    [InlineData("a a\0-c", "a-c", true)]
    [InlineData("a b-c", "a-c", false)]
    [InlineData("a-b b-", "a-", true)]
    [InlineData("b-", "a-", false)]
    [InlineData("a-z", "a-", false)]
    [InlineData("\0-", "-", true)]
    [InlineData("\0-b b-", "-", true)]
    [InlineData("a\0-", "-", false)]
    [InlineData("x", "x", true)]
    [InlineData("x", "x\0", false)]
    [InlineData("x", "x-x\0", true)]
    [InlineData("", "a", false)]
    public void A_range_lies_in_the_union_or_not(string set, string range, bool expected) =>
        Assert.Equal(expected, SetOf(set).Contains(RangeOf(range)));

    /// <summary>They have no keys; as in etcd, they are let through where their start would be.</summary>
    [Theory]
    [InlineData("a-z", "k-c", true)]
    [InlineData("a-c", "b-b", true)]
    [InlineData("a-c", "k-b", false)]
    [InlineData("a-", "k-c", true)]
    public void An_inverted_range_takes_its_start(string set, string range, bool expected) =>
        Assert.Equal(expected, SetOf(set).Contains(RangeOf(range)));

    [Fact]
    public void Everything_is_known_as_such()
    {
        Assert.True(KeySet.All.IsAll);
        Assert.True(SetOf("\0-b b-").IsAll);
        Assert.False(SetOf("a-").IsAll);
        Assert.False(KeySet.Empty.IsAll);
    }

    [Fact]
    public void It_agrees_with_asking_key_by_key()
    {
        const ulong seed = 77;
        var random = new SplitMix64(seed);
        for (var round = 0; round < 4000; round++)
        {
            var ranges = Enumerable.Range(0, random.Next(5)).Select(_ => NaiveKeys.RandomRange(ref random)).ToArray();
            var set = KeySet.Of(ranges);
            var asked = NaiveKeys.RandomRange(ref random);

            var expected = NaiveKeys.All.Where(key => asked.Contains(key)).All(key => ranges.Any(range => range.Contains(key)));

            var actual = set.Contains(asked);
            Assert.True(asked.IsEmpty ? !actual || expected : actual == expected, $"seed {seed}, round {round}");
        }
    }

    private static KeySet SetOf(string text) =>
        KeySet.Of(text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(RangeOf));

    private static KeyRange RangeOf(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return dash < 0 ? KeyRange.Single(Bytes(text))
            : dash == text.Length - 1 ? KeyRange.From(Bytes(text[..dash]))
            : KeyRange.Between(Bytes(text[..dash]), Bytes(text[(dash + 1)..]));
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
