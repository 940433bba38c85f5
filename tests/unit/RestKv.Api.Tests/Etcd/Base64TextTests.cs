using System.Text;
using RestKv.Api.Etcd.Json;

namespace RestKv.Api.Tests.Etcd;

/// <summary>Which spellings of bytes are taken.</summary>
public sealed class Base64TextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("YQ==", "61")]
    [InlineData("YQ", "61")]
    [InlineData("YWI=", "6162")]
    [InlineData("YWI", "6162")]
    [InlineData("YWJj", "616263")]
    [InlineData("+/+/", "fbffbf")]
    [InlineData("-_-_", "fbffbf")]
    [InlineData("_w", "ff")]
    [InlineData("YWJj\nYWJj", "616263616263")]
    [InlineData("YR==", "61")]
    [InlineData("AA==", "00")]
    public void Both_alphabets_padded_or_not(string text, string expected)
    {
        Assert.True(Base64Text.TryDecode(Encoding.UTF8.GetBytes(text), out var bytes));
        Assert.Equal(expected, Convert.ToHexStringLower(bytes));
    }

    [Theory]
    [InlineData("Y")]
    [InlineData("YQ=")]
    [InlineData("***")]
    [InlineData("YQ==YQ==")]
    [InlineData("YWJj=")]
    [InlineData("====")]
    [InlineData("+_+_")]
    [InlineData("Y Q=")]
    [InlineData("YQ =")]
    public void Anything_else_is_refused(string text) =>
        Assert.False(Base64Text.TryDecode(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Bytes_of_every_length_come_back()
    {
        var random = new Random(7);
        for (var length = 0; length < 70; length++)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            var padded = Convert.ToBase64String(bytes);

            Assert.True(Base64Text.TryDecode(Encoding.UTF8.GetBytes(padded), out var read));
            Assert.Equal(bytes, read);
            Assert.True(Base64Text.TryDecode(Encoding.UTF8.GetBytes(padded.TrimEnd('=').Replace('+', '-').Replace('/', '_')), out read));
            Assert.Equal(bytes, read);
        }
    }
}
