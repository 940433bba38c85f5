namespace RestKv.Api.Cli;

internal sealed partial class StartupReport
{
    [LoggerMessage(EventId = 1101, EventName = "Serving", Level = LogLevel.Information,
        Message = "{Name} serves clients on {Addresses}, data in {DataDir}, process {ProcessId}")]
    private partial void LogServing(string name, string addresses, string dataDir, int processId);

    [LoggerMessage(EventId = 1102, EventName = "Exposed", Level = LogLevel.Warning,
        Message = "Anyone who reaches these addresses can read and write everything: --insecure was given, and nobody is asked "
            + "who they are")]
    private partial void LogExposed();

    [LoggerMessage(EventId = 1104, EventName = "ConfigurationWarning", Level = LogLevel.Warning, Message = "{Warning}")]
    private partial void LogConfigurationWarning(string warning);

    [LoggerMessage(EventId = 1103, EventName = "Stopping", Level = LogLevel.Information, Message = "{Name} is stopping")]
    private partial void LogStopping(string name);
}
