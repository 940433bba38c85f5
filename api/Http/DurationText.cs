namespace RestKv.Api.Http;

/// <summary>
/// Durations in: whole seconds, or parts such as `1h30m`, `90s`, `500ms`, each unit at most once and from large to small.
/// </summary>
internal static class DurationText
{
    private const int DigitsMax = 10;

    private static readonly (string Name, long Milliseconds)[] Units =
        [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

    public static bool TryParse(ReadOnlySpan<char> text, out long milliseconds)
    {
        milliseconds = 0;
        if (TryTakeNumber(ref text, out var number) && text.IsEmpty)
        {
            milliseconds = number * 1000;
            return true;
        }

        return TryParseParts(number, text, out milliseconds);
    }

    private static bool TryParseParts(long number, ReadOnlySpan<char> text, out long milliseconds)
    {
        milliseconds = 0;
        var unit = -1;
        while (!text.IsEmpty)
        {
            var length = text.IndexOfAnyInRange('0', '9');
            var name = length < 0 ? text : text[..length];
            var found = IndexOfUnit(name);
            if (found <= unit || number < 0)
            {
                return false;
            }

            unit = found;
            milliseconds += number * Units[found].Milliseconds;
            text = text[name.Length..];
            if (text.IsEmpty)
            {
                return true;
            }

            if (!TryTakeNumber(ref text, out number))
            {
                return false;
            }
        }

        return false;
    }

    private static int IndexOfUnit(ReadOnlySpan<char> name)
    {
        for (var i = 0; i < Units.Length; i++)
        {
            if (name.SequenceEqual(Units[i].Name))
            {
                return i;
            }
        }

        return -1;
    }

    // At most ten digits, so that the sum of all parts stays far below what a long holds.
    private static bool TryTakeNumber(ref ReadOnlySpan<char> text, out long number)
    {
        number = -1;
        var length = text.IndexOfAnyExceptInRange('0', '9');
        length = length < 0 ? text.Length : length;
        if (length is 0 or > DigitsMax)
        {
            return false;
        }

        number = 0;
        foreach (var digit in text[..length])
        {
            number = (number * 10) + (digit - '0');
        }

        text = text[length..];
        return true;
    }
}
