using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RestKv.Api.Security.Audit;

/// <summary>
/// The audit log: one JSON object a line, appended and handed to the system at once. It never holds values, passwords or tokens. Any
/// thread.
/// </summary>
internal sealed partial class AuditLog : IDisposable
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger<AuditLog> _logger;
    private readonly ArrayBufferWriter<byte> _line = new(512);
    private readonly Lock _gate = new();
    private FileStream? _file;
    private bool _isFailing;

    public AuditLog(string path, TimeProvider time, ILogger<AuditLog> logger)
    {
        (_path, _time, _logger) = (path, time, logger);
        _file = Open();
    }

    /// <summary>False when the line may not be in the file; the next one tries anew.</summary>
    public bool TryWrite(in AuditRecord record)
    {
        lock (_gate)
        {
            try
            {
                // Whoever moved or removed the file wants a new one.
                if (_file is null || !File.Exists(_path))
                {
                    _file?.Dispose();
                    _file = null;
                    _file = Open();
                }

                _line.ResetWrittenCount();
                Format(record);
                _file.Write(_line.WrittenSpan);
                _file.Flush();
                _isFailing = false;
                return true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                if (!_isFailing)
                {
                    LogFailing(exception, _path);
                }

                _isFailing = true;
                return false;
            }
        }
    }

    public void Dispose() => _file?.Dispose();

    private FileStream Open()
    {
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(_path, options);
    }

    private void Format(in AuditRecord record)
    {
        using var json = new Utf8JsonWriter(_line, Options);
        json.WriteStartObject();
        json.WriteString("ts", _time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        json.WriteString("outcome", record.Outcome);
        json.WriteString("op", record.Operation);
        json.WriteString("principal", record.Principal);
        WriteIfAny(json, "method", record.Caller.Method);
        WriteIfAny(json, "address", record.Caller.Address);
        WriteIfAny(json, "certificate", record.Caller.Certificate);
        WriteIfAny(json, "request", record.Caller.Request);
        WriteIfAny(json, "requestId", record.Caller.RequestId);
        WriteIfAny(json, "code", record.Code);
        if (record.Revision > 0)
        {
            json.WriteNumber("rev", record.Revision);
        }

        if (record.Subject is { } subject)
        {
            json.WritePropertyName("on");
            AuditSubject.Write(json, subject);
        }

        json.WriteEndObject();
        json.Flush();
        _line.Write("\n"u8);
    }

    private static void WriteIfAny(Utf8JsonWriter json, string name, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            json.WriteString(name, text);
        }
    }

    [LoggerMessage(1201, LogLevel.Error, "the audit log {Path} cannot be written: changes of users, rights and the cluster are refused until it can")]
    private partial void LogFailing(Exception exception, string path);
}
