namespace RestKv.Api.Hosting.Options;

/// <summary>Log levels by the names etcd and the log lines use.</summary>
internal static class LogLevelText
{
    private static readonly (string Word, LogLevel Level)[] Words =
        [("debug", LogLevel.Debug), ("info", LogLevel.Information), ("warn", LogLevel.Warning), ("error", LogLevel.Error)];

    public static readonly OptionSyntax<LogLevel> Syntax = new(
        "debug|info|warn|error",
        text => Array.Find(Words, pair => pair.Word == text) is { Word: not null } known
            ? known.Level
            : new Parsed<LogLevel>(default, "must be one of: debug, info, warn, error"),
        level => Array.Find(Words, pair => pair.Level == level).Word ?? level.ToString());
}
