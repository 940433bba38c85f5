using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RestKv.Api.Telemetry;

/// <summary>
/// JSON lines: `ts`, `level`, `component`, `event`, `msg`, then the fields of the entry in camelCase, then `error`. A field that
/// has the name of a fixed one is left to the message.
/// </summary>
internal sealed class JsonLineFormat : ILineFormat
{
    private const string TemplateField = "{OriginalFormat}";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly HashSet<string> Fixed = new(
        ["ts", "level", "component", "event", "msg", "error", "stack"], StringComparer.Ordinal);

    public ReadOnlyMemory<byte> Format(in LogLine line)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteString("ts", line.Time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            json.WriteString("level", LevelName(line.Level));
            json.WriteString("component", line.Component);
            if (line.Event is not null)
            {
                json.WriteString("event", line.Event);
            }

            json.WriteString("msg", line.Message);
            foreach (var (name, value) in line.Fields)
            {
                var camel = JsonNamingPolicy.CamelCase.ConvertName(name);
                if (name != TemplateField && !Fixed.Contains(camel))
                {
                    json.WritePropertyName(camel);
                    WriteValue(json, value);
                }
            }

            if (line.Exception is { } exception)
            {
                json.WriteString("error", $"{exception.GetType().Name}: {exception.Message}");
                json.WriteString("stack", exception.ToString());
            }

            json.WriteEndObject();
        }

        bytes.Write("\n"u8);
        return bytes.WrittenMemory;
    }

    internal static string LevelName(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "fatal",
    };

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case int number:
                json.WriteNumberValue(number);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case ulong number:
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case TimeSpan span:
                json.WriteStringValue(span.ToString("c", CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
