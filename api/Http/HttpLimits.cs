using RestKv.Api.Hosting;

namespace RestKv.Api.Http;

/// <summary>Every limit a request can run into, as `/v1/limits` and `/v1/status` show them.</summary>
internal sealed record HttpLimits
{
    public const int KeyBytesMax = 4096;
    public const int RequestLineBytesMax = 16 * 1024;
    public const int HeaderBytesMax = 32 * 1024;
    public const int HeadersMax = 100;
    public const int HeaderTimeoutSeconds = 10;
    public const int BodyRateBytesPerSecondMin = 240;
    public const int BodyRateGraceSeconds = 5;
    public const int JsonDepthMax = 32;
    public const int TxnOperationsMax = 128;
    public const int TxnDepthMax = 3;
    public const int PageItemsDefault = 1000;
    public const int PageItemsMax = 10_000;
    public const int PageBytesMax = 4 << 20;
    public const int SortedItemsMax = 100_000;
    public const int WholeRangeScansMax = 16;
    public const int TtlSecondsMax = 31_536_000;
    public const int TimeoutSecondsDefault = 5;
    public const int TimeoutSecondsMax = 60;
    public const int WaitSecondsMax = 300;
    public const int IdempotencyKeyLengthMax = 64;
    public const int LeaseIdsMax = 1000;

    public long ValueBytesMax { get; init; } = 1 << 20;

    public long BodyBytesMax { get; init; } = 1_572_864;

    public int WatchesMax { get; init; } = 20_000;

    public int StreamsPerConnectionMax { get; init; } = 10_000;

    public static HttpLimits From(NodeOptions options) => new()
    {
        ValueBytesMax = options.MaxValueBytes,
        BodyBytesMax = Math.Max(options.MaxRequestBytes, options.MaxValueBytes),
        WatchesMax = options.MaxWatches,
        StreamsPerConnectionMax = options.MaxConcurrentStreams,
    };
}
