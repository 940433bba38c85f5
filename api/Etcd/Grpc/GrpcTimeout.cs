namespace RestKv.Api.Etcd.Grpc;

/// <summary>The time a client gives its call: up to eight digits and a unit, as `grpc-timeout` has it.</summary>
internal static class GrpcTimeout
{
    private const int DigitsMax = 8;

    /// <summary>Beyond this nobody waits, and timers do not go much further.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > DigitsMax + 1 || text[..^1].ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        var amount = 0L;
        foreach (var digit in text[..^1])
        {
            amount = (amount * 10) + (digit - '0');
        }

        var ticks = text[^1] switch
        {
            'H' => amount * TimeSpan.TicksPerHour,
            'M' => amount * TimeSpan.TicksPerMinute,
            'S' => amount * TimeSpan.TicksPerSecond,
            'm' => amount * TimeSpan.TicksPerMillisecond,
            'u' => amount * TimeSpan.TicksPerMicrosecond,

            // Rounded up: a call that has some time left is not over.
            'n' => (amount + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick,
            _ => -1,
        };
        timeout = TimeSpan.FromTicks(Math.Min(ticks, Longest.Ticks));
        return ticks >= 0;
    }
}
