using System.Globalization;

namespace RestKv.Api.Http;

/// <summary>Numbers, times and durations as the API writes them.</summary>
internal static class Text
{
    private const long SecondsPerMinute = 60;
    private const long SecondsPerHour = 3600;

    [ThreadStatic]
    private static (long Second, string? Date) lastHttpDate;

    public static string Of(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>RFC 3339, UTC, milliseconds.</summary>
    public static string Timestamp(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs)
        .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The form of Last-Modified. Neighbouring reads often share the second, so the last text is kept per thread.</summary>
    public static string HttpDate(long unixMs)
    {
        var second = Math.DivRem(unixMs, 1000, out var rest);
        second -= rest < 0 ? 1 : 0;
        if (lastHttpDate.Date is null || lastHttpDate.Second != second)
        {
            lastHttpDate = (second, DateTimeOffset.FromUnixTimeSeconds(second).ToString("R", CultureInfo.InvariantCulture));
        }

        return lastHttpDate.Date;
    }

    /// <summary>The shortest form that <see cref="DurationText"/> reads back: 1h, 1h30m, 45s, 0s.</summary>
    public static string Duration(long seconds)
    {
        if (seconds == 0)
        {
            return "0s";
        }

        var (hours, rest) = Math.DivRem(seconds, SecondsPerHour);
        var (minutes, rests) = Math.DivRem(rest, SecondsPerMinute);
        return string.Concat(
            hours > 0 ? Of(hours) + "h" : "",
            minutes > 0 ? Of(minutes) + "m" : "",
            rests > 0 ? Of(rests) + "s" : "");
    }
}
