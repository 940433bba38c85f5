using RestKv.Api.Etcd.Http;

namespace RestKv.Api.Tests.Etcd;

/// <summary>The text of a deadline.</summary>
public sealed class GrpcTimeoutTests
{
    [Theory]
    [InlineData("500m", 500)]
    [InlineData("4S", 4000)]
    [InlineData("2M", 120_000)]
    [InlineData("1H", 3_600_000)]
    [InlineData("1500000u", 1500)]
    [InlineData("1000000n", 1)]
    [InlineData("99999999S", 99_999_999_000)]
    public void Digits_and_a_unit(string text, long expectedMs)
    {
        Assert.True(GrpcTimeout.TryParse(text, out var timeout));
        Assert.Equal(expectedMs, (long)timeout.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("S")]
    [InlineData("5s")]
    [InlineData("-5S")]
    [InlineData("1.5S")]
    [InlineData("123456789S")]
    public void Anything_else_is_none(string text) => Assert.False(GrpcTimeout.TryParse(text, out _));
}
