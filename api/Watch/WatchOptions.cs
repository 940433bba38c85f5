using RestKv.Core.Watch;

namespace RestKv.Api.Watch;

/// <summary>Bounds of all watches of this member. The defaults are the product's; tests make them small.</summary>
public sealed record WatchOptions
{
    /// <summary>See <see cref="MultiplexedMax"/>.</summary>
    private const int MultiplexedPerWatch = 10;

    /// <summary>Streams and long polls open at a time; the next one is refused with 503.</summary>
    public int WatchesMax { get; init; } = 20_000;

    /// <summary>
    /// Watches on streams that carry many; the next one is refused. Far more than streams, since one costs neither a connection
    /// nor a place on a lane, about a kilobyte in all.
    /// </summary>
    public int MultiplexedMax { get; init; } = 200_000;

    /// <summary>Bytes of keys and values that may wait in the rings of one stream with many watches, all together.</summary>
    public long MultiplexedBytesMax { get; init; } = 16 << 20;

    /// <summary>Work lists that the streams are divided among; each is worked off by at most one thread.</summary>
    public int Lanes { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 16);

    /// <summary>A stream whose reader takes nothing for this long while bytes wait is ended.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the last words to a stalled or leaving reader may take before its connection is cut.</summary>
    public TimeSpan ClosingGrace { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Streams end when there has been no leader for this long.</summary>
    public TimeSpan LeaderlessMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How exact deadlines are kept.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Bytes after which a stream is flushed and the next one has its turn.</summary>
    public int FlushBytes { get; init; } = 64 << 10;

    public int RetryMsMin { get; init; } = 1_000;

    public int RetryMsMax { get; init; } = 3_000;

    public WatchLimits Cursor { get; init; } = WatchLimits.Default;

    /// <param name="watchesMax">As the operator wants it.</param>
    public static WatchOptions Of(int watchesMax) => new()
    {
        WatchesMax = watchesMax,
        MultiplexedMax = (int)Math.Min((long)watchesMax * MultiplexedPerWatch, int.MaxValue),
    };
}
