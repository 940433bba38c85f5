namespace RestKv.Api.Telemetry;

public sealed partial class RequestTelemetry
{
    [LoggerMessage(
        EventId = 1001,
        EventName = "SlowRequest",
        Level = LogLevel.Warning,
        Message = "{Method} {Target} took {ElapsedMs} ms, status {StatusCode}, {RequestBytes} bytes in, {ResponseBytes} out ({RequestId})")]
    private partial void LogSlowRequest(
        string method, string target, long elapsedMs, int statusCode, long requestBytes, long responseBytes, string requestId);
}
