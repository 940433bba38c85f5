using RestKv.Api.Hosting;

namespace RestKv.Api.Telemetry;

/// <summary>Sends all logs to stderr in the format asked for; what the framework says below a warning is left out.</summary>
internal static class LoggingSetup
{
    public static ILoggingBuilder AddRestKvLogging(this ILoggingBuilder logging, NodeOptions options)
    {
        var json = options.LogFormat switch
        {
            LogFormat.Auto => Console.IsErrorRedirected,
            _ => options.LogFormat is LogFormat.Json,
        };
        logging.ClearProviders();
        logging.SetMinimumLevel(options.LogLevel);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);

        // Says nothing above Information, yet while it may, every request gets an activity and a scope that nobody reads: 6 % of a
        // gRPC read.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);

        // The framework logs a failed start itself, with a stack; the serve command says the same in one sentence.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        logging.Services.AddSingleton<ILoggerProvider>(services => new LineLoggerProvider(
            Console.OpenStandardError(),
            json ? new JsonLineFormat() : new TextLineFormat(),
            services.GetService<TimeProvider>() ?? TimeProvider.System));
        return logging;
    }
}
