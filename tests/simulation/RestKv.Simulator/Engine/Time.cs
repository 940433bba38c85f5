namespace RestKv.Simulator.Engine;

/// <summary>Virtual nanoseconds by name.</summary>
internal static class Time
{
    public const long Microsecond = 1_000;
    public const long Millisecond = 1_000_000;
    public const long Second = 1_000_000_000;
}
