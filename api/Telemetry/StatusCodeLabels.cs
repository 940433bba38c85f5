using System.Globalization;

namespace RestKv.Api.Telemetry;

/// <summary>Status codes as label text, made once: a request must not allocate to be counted.</summary>
internal static class StatusCodeLabels
{
    private const int CodesMax = 600;

    private static readonly string[] Labels =
        [.. Enumerable.Range(0, CodesMax).Select(code => code.ToString(CultureInfo.InvariantCulture))];

    public static string For(int statusCode) => statusCode is >= 0 and < CodesMax ? Labels[statusCode] : "other";
}
