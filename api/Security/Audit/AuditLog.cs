using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using RestKv.Storage;

namespace RestKv.Api.Security.Audit;

/// <summary>
/// The audit log: one JSON object a line, written at the end of the file as it is then, so that it may be cut or moved away at any time.
/// It never holds values, passwords or tokens. Any thread.
/// </summary>
internal sealed partial class AuditLog
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const int TextMax = 256;

    private readonly IFileSystem _folder;
    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly ILogger<AuditLog> _logger;
    private readonly ArrayBufferWriter<byte> _line = new(512);
    private readonly Lock _gate = new();
    private bool _isFailing;

    /// <exception cref="StorageIoException">It cannot be opened, and nothing was started yet.</exception>
    public AuditLog(IFileSystem folder, string name, TimeProvider time, ILogger<AuditLog> logger)
    {
        (_folder, _name, _time, _logger) = (folder, name, time, logger);
        Open().Dispose();
    }

    /// <summary>False when the line may not be in the file; the next one tries anew.</summary>
    /// <param name="isDurable">It is on the disk then, not only with the system.</param>
    public bool TryWrite(in AuditRecord record, bool isDurable = false)
    {
        lock (_gate)
        {
            try
            {
                _line.ResetWrittenCount();
                Format(record);

                // Opened anew for each line: whoever moves it away, or puts another in its place, is not asked to tell.
                using var file = Open();
                file.WriteAt(file.Length, _line.WrittenSpan);
                if (isDurable)
                {
                    file.Sync();
                }

                _isFailing = false;
                return true;
            }
            catch (StorageIoException exception)
            {
                if (!_isFailing)
                {
                    LogFailing(exception, _folder.Root);
                }

                _isFailing = true;
                return false;
            }
        }
    }

    private IFile Open()
    {
        if (_folder.Exists(_name))
        {
            return _folder.Open(_name, writable: true);
        }

        var file = _folder.Create(_name);
        _folder.SyncDirectory("");
        return file;
    }

    private void Format(in AuditRecord record)
    {
        using var json = new Utf8JsonWriter(_line, Options);
        json.WriteStartObject();
        json.WriteString("ts", _time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        json.WriteString("outcome", record.Outcome);
        json.WriteString("op", Cut(record.Operation));
        json.WriteString("principal", Cut(record.Principal));
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
            json.WriteString(name, Cut(text));
        }
    }

    /// <summary>What a caller wrote may be as long as a request, and anybody may call.</summary>
    private static string Cut(string text) => text.Length <= TextMax ? text : text[..TextMax] + "…";

    [LoggerMessage(
        1201, LogLevel.Error, "the audit log in {Folder} cannot be written: changes of users, rights and the cluster are refused until it can")]
    private partial void LogFailing(Exception exception, string folder);
}
