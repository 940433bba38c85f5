using System.Text.Json;
using RestKv.Api.Errors;

namespace RestKv.Api.Http;

/// <summary>Durations in JSON: `"30s"`, `"1h30m"`, or a number of whole seconds. A bare number in quotes is a mistake.</summary>
internal static class JsonDuration
{
    public static Problem? ReadTtl(JsonElement element, string at, out long seconds)
    {
        var isValid = TryReadSeconds(element, out seconds) && seconds is >= 1 and <= HttpLimits.TtlSecondsMax;
        return isValid
            ? null
            : new Problem(
                ProblemCatalog.BadDuration,
                $"\"30s\", \"5m\", \"1h30m\" or a number of seconds, from 1 to {HttpLimits.TtlSecondsMax} seconds")
            {
                At = at,
            };
    }

    /// <summary>Whole seconds, zero included.</summary>
    public static bool TryReadSeconds(JsonElement element, out long seconds)
    {
        seconds = 0;
        if (element.ValueKind == JsonValueKind.Number)
        {
            return element.TryGetInt64(out seconds) && seconds is >= 0 and <= QueryReader.IntegerMax;
        }

        if (element.ValueKind != JsonValueKind.String || element.GetString() is not { } text
            || !text.AsSpan().ContainsAnyInRange('a', 'z')
            || !DurationText.TryParse(text, out var milliseconds) || milliseconds % 1000 != 0)
        {
            return false;
        }

        seconds = milliseconds / 1000;
        return true;
    }
}
