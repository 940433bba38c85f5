using System.Collections.Concurrent;

namespace RestKv.Api.Telemetry;

/// <summary>
/// Logs one line per entry to a stream, normally stderr. Lines are written by the caller, not by a queue behind it: the last
/// line before a failed sync ends the process is the one that matters most.
/// </summary>
public sealed class LineLoggerProvider(Stream output, ILineFormat format, TimeProvider clock) : ILoggerProvider
{
    private readonly ConcurrentDictionary<string, ILogger> _loggers = new(StringComparer.Ordinal);

    /// <summary>Keeps lines whole. A queue would lose the last lines of a process that ends at once.</summary>
    private readonly Lock _gate = new();

    public ILogger CreateLogger(string categoryName) =>
        _loggers.GetOrAdd(categoryName, name => new LineLogger(name[(name.LastIndexOf('.') + 1)..], this));

    public void Dispose() => output.Flush();

    private void Write(in LogLine line)
    {
        var bytes = format.Format(line);
        lock (_gate)
        {
            try
            {
                output.Write(bytes.Span);
                output.Flush();
            }
            catch (IOException)
            {
                // Nobody reads stderr any more. There is nowhere left to say so, and the store must go on.
            }
        }
    }

    /// <summary>The logger of one component; levels are filtered by the framework before it is called.</summary>
    private sealed class LineLogger(string component, LineLoggerProvider owner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is not LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                owner.Write(new LogLine(
                    owner.Now,
                    logLevel,
                    component,
                    eventId.Name,
                    formatter(state, exception),
                    state as IReadOnlyList<KeyValuePair<string, object?>> ?? [],
                    exception));
            }
        }
    }

    private DateTimeOffset Now => clock.GetUtcNow();
}
