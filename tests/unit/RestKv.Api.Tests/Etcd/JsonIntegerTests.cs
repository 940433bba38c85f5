using System.Text;
using RestKv.Api.Etcd.Json;

namespace RestKv.Api.Tests.Etcd;

/// <summary>Which spellings of whole numbers are taken.</summary>
public sealed class JsonIntegerTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("-7", -7)]
    [InlineData("1e2", 100)]
    [InlineData("1E0", 1)]
    [InlineData("2.0", 2)]
    [InlineData("100e-2", 1)]
    [InlineData("1.25e2", 125)]
    [InlineData("0.5e1", 5)]
    [InlineData("0e999999999999", 0)]
    [InlineData("0.0", 0)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    [InlineData("9223372036854775807.000", long.MaxValue)]
    [InlineData("922337203685477580700e-2", long.MaxValue)]
    public void Numbers_that_are_whole(string text, long expected)
    {
        Assert.True(JsonInteger.TryReadSigned(Encoding.UTF8.GetBytes(text), out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("01")]
    [InlineData("1.")]
    [InlineData(".5")]
    [InlineData("1.5")]
    [InlineData("1e")]
    [InlineData("1e-1")]
    [InlineData("0x10")]
    [InlineData("NaN")]
    [InlineData("1e30")]
    [InlineData("1e999999999999")]
    [InlineData("9223372036854775808")]
    [InlineData("-9223372036854775809")]
    [InlineData("99999999999999999999")]
    public void What_is_no_whole_number_of_64_bits(string text) =>
        Assert.False(JsonInteger.TryReadSigned(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Unsigned_numbers_reach_further_and_have_no_sign()
    {
        Assert.True(JsonInteger.TryReadUnsigned("18446744073709551615"u8, out var most));
        Assert.Equal(ulong.MaxValue, most);
        Assert.True(JsonInteger.TryReadUnsigned("18446744073709551615.0"u8, out most));
        Assert.Equal(ulong.MaxValue, most);
        Assert.False(JsonInteger.TryReadUnsigned("18446744073709551616"u8, out _));
        Assert.False(JsonInteger.TryReadUnsigned("-1"u8, out _));
        Assert.True(JsonInteger.TryReadUnsigned("-0"u8, out most));
        Assert.Equal(0UL, most);
    }
}
