using RestKv.LoadGen;

namespace RestKv.Bench.Tests;

public sealed class LatenciesTests
{
    [Fact]
    public void Quantiles_are_right_to_a_hundredth()
    {
        var random = new Random(20_260);
        var values = Enumerable.Range(0, 50_000).Select(_ => (long)Math.Pow(10, random.NextDouble() * 7)).ToArray();
        var latencies = new Latencies();
        foreach (var value in values)
        {
            latencies.Add(value);
        }

        Array.Sort(values);

        foreach (var share in new[] { 0, .01, .5, .9, .99, .999 })
        {
            var exact = values[(int)(values.Length * share)];
            Assert.InRange(latencies.Quantile(share), exact, (exact * 1.01) + 1);
        }

        Assert.Equal(values[^1], latencies.Worst);
        Assert.Equal(values[^1], latencies.Quantile(1));
    }

    [Fact]
    public void Merging_is_the_same_as_counting_together()
    {
        var (left, right, together) = (new Latencies(), new Latencies(), new Latencies());
        for (var i = 0; i < 10_000; i++)
        {
            (i % 3 == 0 ? left : right).Add(i * i);
            together.Add(i * i);
        }

        left.Merge(right);

        Assert.Equal(together.Count, left.Count);
        Assert.Equal(together.Worst, left.Worst);
        Assert.Equal(together.Quantile(.5), left.Quantile(.5));
    }
}
