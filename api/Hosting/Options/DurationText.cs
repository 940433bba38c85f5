using System.Globalization;

namespace RestKv.Api.Hosting.Options;

/// <summary>Durations: `90s`, `1h30m`, `250ms`, or a bare number in a unit that depends on the option.</summary>
internal static class DurationText
{
    private const string Fault = "must be a duration such as 250ms, 30s, 5m or 1h30m";

    private const int DigitsMax = 9;

    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)), ("m", TimeSpan.FromMinutes(1)), ("s", TimeSpan.FromSeconds(1)),
        ("ms", TimeSpan.FromMilliseconds(1)),
    ];

    /// <summary>Units must fall from left to right, each at most once; there are no signs and no fractions.</summary>
    public static Parsed<TimeSpan> Parse(string text, TimeSpan bareUnit)
    {
        if (text.Length is > 0 and <= DigitsMax && text.All(char.IsAsciiDigit))
        {
            return bareUnit * int.Parse(text, CultureInfo.InvariantCulture);
        }

        var total = TimeSpan.Zero;
        var rest = text.AsSpan();
        var nextUnit = 0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits is < 1 or > DigitsMax)
            {
                return new Parsed<TimeSpan>(default, Fault);
            }

            var letters = rest[digits..].IndexOfAnyInRange('0', '9');
            var unit = letters < 0 ? rest[digits..] : rest.Slice(digits, letters);
            var position = Find(unit, nextUnit);
            if (position < 0)
            {
                return new Parsed<TimeSpan>(default, Fault);
            }

            total += Units[position].Length * int.Parse(rest[..digits], CultureInfo.InvariantCulture);
            nextUnit = position + 1;
            rest = rest[(digits + unit.Length)..];
        }

        return nextUnit == 0 ? new Parsed<TimeSpan>(default, Fault) : total;
    }

    public static string Show(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        var text = "";
        foreach (var (unit, length) in Units)
        {
            var count = duration.Ticks / length.Ticks;
            if (count > 0)
            {
                text += string.Create(CultureInfo.InvariantCulture, $"{count}{unit}");
                duration -= length * count;
            }
        }

        return text;
    }

    private static int Find(ReadOnlySpan<char> unit, int first)
    {
        for (var position = first; position < Units.Length; position++)
        {
            if (unit.SequenceEqual(Units[position].Unit))
            {
                return position;
            }
        }

        return -1;
    }
}
