using RestKv.Storage;

namespace RestKv.Api.Hosting;

/// <summary>
/// Rests after each piece twice as long as the piece took, so that bulk work takes a third of the disk and of a processor
/// whatever their speed. A rest is bounded, and a stop ends it.
/// </summary>
internal sealed class BackgroundPace(TimeProvider time, CancellationToken stop) : IWritePace
{
    private const int RestFactor = 2;
    private static readonly TimeSpan RestMax = TimeSpan.FromMilliseconds(100);
    private long _began = time.GetTimestamp();

    /// <summary>How long the rest after a piece is.</summary>
    public static TimeSpan RestAfter(TimeSpan piece) => piece * RestFactor < RestMax ? piece * RestFactor : RestMax;

    public void Rest()
    {
        stop.WaitHandle.WaitOne(RestAfter(time.GetElapsedTime(_began)));
        _began = time.GetTimestamp();
    }
}
