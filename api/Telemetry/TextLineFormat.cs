using System.Globalization;
using System.Text;

namespace RestKv.Api.Telemetry;

/// <summary>Lines for a person at a terminal: time, level, component, message. Control characters cannot forge a line.</summary>
internal sealed class TextLineFormat : ILineFormat
{
    public ReadOnlyMemory<byte> Format(in LogLine line)
    {
        var text = new StringBuilder(160);
        text.Append(line.Time.LocalDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture));
        text.Append(' ').Append(JsonLineFormat.LevelName(line.Level).PadRight(5));
        text.Append(' ').Append(line.Component).Append(": ");
        foreach (var character in line.Message)
        {
            text.Append(char.IsControl(character) ? ' ' : character);
        }

        text.Append('\n');
        if (line.Exception is { } exception)
        {
            text.Append(exception).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
