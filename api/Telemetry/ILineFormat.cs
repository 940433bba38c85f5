namespace RestKv.Api.Telemetry;

/// <summary>Turns an entry into the bytes of a line, newline included. Callable from any thread.</summary>
public interface ILineFormat
{
    ReadOnlyMemory<byte> Format(in LogLine line);
}
