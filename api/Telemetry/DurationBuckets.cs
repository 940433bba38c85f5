namespace RestKv.Api.Telemetry;

/// <summary>Bucket bounds of every duration histogram: 50 µs (below one disk sync) to 10 s (above every time-out).</summary>
internal static class DurationBuckets
{
    public static readonly IReadOnlyList<double> Seconds =
        [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
}
