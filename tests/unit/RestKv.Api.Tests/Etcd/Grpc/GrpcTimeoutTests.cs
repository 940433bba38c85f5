using RestKv.Api.Etcd.Grpc;

namespace RestKv.Api.Tests.Etcd.Grpc;

/// <summary>The one number and unit of `grpc-timeout`.</summary>
public sealed class GrpcTimeoutTests
{
    [Theory]
    [InlineData("0n", 0)]
    [InlineData("1n", 1)]
    [InlineData("100n", 1)]
    [InlineData("101n", 2)]
    [InlineData("1u", 10)]
    [InlineData("1m", 10_000)]
    [InlineData("4999986u", 49_999_860)]
    [InlineData("1S", 10_000_000)]
    [InlineData("1M", 600_000_000)]
    [InlineData("1H", 36_000_000_000)]
    [InlineData("00000007S", 70_000_000)]
    public void What_is_well_formed_is_read(string text, long ticks)
    {
        Assert.True(GrpcTimeout.TryParse(text, out var timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Fact]
    public void The_longest_is_cut_to_what_a_timer_can_do()
    {
        Assert.True(GrpcTimeout.TryParse("99999999H", out var timeout));
        using var source = new CancellationTokenSource();
        source.CancelAfter(timeout);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("S")]
    [InlineData("-1S")]
    [InlineData("+1S")]
    [InlineData("1.5S")]
    [InlineData(" 1S")]
    [InlineData("1S ")]
    [InlineData("1s")]
    [InlineData("1h")]
    [InlineData("1ms")]
    [InlineData("123456789S")]
    [InlineData("١S")]
    public void What_is_not_is_refused(string text) => Assert.False(GrpcTimeout.TryParse(text, out _));
}
