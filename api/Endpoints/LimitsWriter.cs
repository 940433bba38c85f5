using System.Text.Json;
using RestKv.Api.Http;

namespace RestKv.Api.Endpoints;

/// <summary>Every limit with its unit in its name.</summary>
internal static class LimitsWriter
{
    public static void Write(Utf8JsonWriter writer, HttpLimits limits)
    {
        writer.WriteStartObject();
        writer.WriteNumber("keyBytesMax"u8, HttpLimits.KeyBytesMax);
        writer.WriteNumber("valueBytesMax"u8, limits.ValueBytesMax);
        writer.WriteNumber("bodyBytesMax"u8, limits.BodyBytesMax);
        writer.WriteNumber("requestLineBytesMax"u8, HttpLimits.RequestLineBytesMax);
        writer.WriteNumber("headerBytesMax"u8, HttpLimits.HeaderBytesMax);
        writer.WriteNumber("headersMax"u8, HttpLimits.HeadersMax);
        writer.WriteNumber("headerTimeoutSeconds"u8, HttpLimits.HeaderTimeoutSeconds);
        writer.WriteNumber("bodyRateBytesPerSecondMin"u8, HttpLimits.BodyRateBytesPerSecondMin);
        writer.WriteNumber("streamsPerConnectionMax"u8, limits.StreamsPerConnectionMax);
        writer.WriteNumber("jsonDepthMax"u8, HttpLimits.JsonDepthMax);
        writer.WriteNumber("txnOperationsMax"u8, HttpLimits.TxnOperationsMax);
        writer.WriteNumber("txnDepthMax"u8, HttpLimits.TxnDepthMax);
        writer.WriteNumber("pageItemsDefault"u8, HttpLimits.PageItemsDefault);
        writer.WriteNumber("pageItemsMax"u8, HttpLimits.PageItemsMax);
        writer.WriteNumber("pageBytesMax"u8, HttpLimits.PageBytesMax);
        writer.WriteNumber("sortedItemsMax"u8, HttpLimits.SortedItemsMax);
        writer.WriteNumber("wholeRangeScansMax"u8, HttpLimits.WholeRangeScansMax);
        writer.WriteNumber("ttlSecondsMax"u8, HttpLimits.TtlSecondsMax);
        writer.WriteNumber("timeoutSecondsDefault"u8, HttpLimits.TimeoutSecondsDefault);
        writer.WriteNumber("timeoutSecondsMax"u8, HttpLimits.TimeoutSecondsMax);
        writer.WriteNumber("waitSecondsMax"u8, HttpLimits.WaitSecondsMax);
        writer.WriteNumber("idempotencyKeyLengthMax"u8, HttpLimits.IdempotencyKeyLengthMax);
        writer.WriteNumber("watchesMax"u8, limits.WatchesMax);
        writer.WriteEndObject();
    }
}
