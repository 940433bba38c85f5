using RestKv.Api.Hosting;

namespace RestKv.Api.Tests.Hosting;

public sealed class RequestNumbersTests
{
    /// <summary>Two starts may have the same number, for a directory can go back: then this is all that tells their requests apart.</summary>
    [Fact]
    public void Two_starts_number_their_requests_differently()
    {
        var (first, second) = (new RequestNumbers(0x1234_5678_9ABC_DEF1), new RequestNumbers(0x0FED_CBA9_8765_4321));

        var numbers = Enumerable.Range(0, 1000).SelectMany(_ => new[] { first.Next(), second.Next() }).ToArray();

        Assert.Equal(numbers.Length, numbers.Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Numbers_are_those_of_clients_and_rise(long life)
    {
        var numbers = new RequestNumbers(life);
        var first = numbers.Next();

        Assert.InRange(first, 1, long.MaxValue / 2 + 1);
        Assert.Equal(first + 1, numbers.Next());
    }
}
