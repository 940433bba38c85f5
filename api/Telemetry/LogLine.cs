namespace RestKv.Api.Telemetry;

/// <summary>One log entry before it is formatted.</summary>
public readonly record struct LogLine(
    DateTimeOffset Time,
    LogLevel Level,
    string Component,
    string? Event,
    string Message,
    IReadOnlyList<KeyValuePair<string, object?>> Fields,
    Exception? Exception);
