using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace RestKv.Api.Hosting.Options;

/// <summary>
/// The JSON configuration file: one flat object, keys as the flags without dashes; lists may be arrays. Every fault names
/// the file and the line.
/// </summary>
internal static class ConfigurationFile
{
    private const int BytesMax = 1 << 20;

    [SuppressMessage(
        "ApiDesign",
        "RS0030:Do not use banned APIs",
        Justification = "Read once before there is a data directory; nothing durable depends on it.")]
    public static void Read(string path, List<OptionSetting> settings, List<OptionFault> faults)
    {
        byte[] bytes;
        try
        {
            bytes = new FileInfo(path) is { Exists: true, Length: > BytesMax }
                ? throw new IOException("is larger than 1 MiB")
                : File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            faults.Add(new OptionFault("config", path, "configuration file", failure.Message));
            return;
        }

        Parse(path, bytes, settings, faults);
    }

    public static void Parse(string path, ReadOnlySpan<byte> bytes, List<OptionSetting> settings, List<OptionFault> faults)
    {
        var start = bytes.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        var json = bytes[start..];
        var reader = new Utf8JsonReader(json);
        try
        {
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            {
                faults.Add(new OptionFault("config", null, $"{path} line 1", "must be one JSON object"));
                return;
            }

            var linesByName = new Dictionary<string, int>(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var line = LineAt(json, reader.TokenStartIndex);
                var name = reader.GetString()!;
                reader.Read();
                if (!linesByName.TryAdd(name, line))
                {
                    faults.Add(new OptionFault(
                        name, null, $"{path} line {line}", $"stands twice, first in line {linesByName[name]}"));
                }

                AddSetting(ref reader, name, $"{path} line {line}", settings, faults);
            }

            // Reading to the end finds a second document and other remains.
            reader.Read();
        }
        catch (JsonException failure)
        {
            faults.Add(new OptionFault(
                "config", null, $"{path} line {failure.LineNumber + 1}", $"is not JSON: {FirstSentence(failure.Message)}"));
        }
    }

    private static void AddSetting(
        ref Utf8JsonReader reader, string name, string place, List<OptionSetting> settings, List<OptionFault> faults)
    {
        var token = reader.TokenType;
        var text = ReadValue(ref reader);
        if (OptionCatalog.Find(name) is not { } definition)
        {
            var guess = OptionCatalog.Guess(name);
            faults.Add(new OptionFault(
                name, null, place, guess is null ? "is not an option" : $"is not an option; did you mean {guess}?"));
        }
        else if (text is null)
        {
            faults.Add(new OptionFault(name, null, place, "must be a string, a number, true, false or an array of strings"));
        }
        else if (!Fits(token, definition))
        {
            faults.Add(new OptionFault(name, text, place, $"must be a string ({definition.ValueName})"));
        }
        else
        {
            settings.Add(new OptionSetting(definition, text, OptionSource.File, place));
        }
    }

    /// <summary>A number is no name, and neither is true; a switch may be 1 or 0, as everywhere.</summary>
    private static bool Fits(JsonTokenType token, OptionDefinition definition) => token switch
    {
        JsonTokenType.Number => definition.IsNumeric || definition.IsSwitch,
        JsonTokenType.True or JsonTokenType.False => definition.IsSwitch,
        _ => true,
    };

    /// <summary>The value as a flag would have it; null when it has no such form. Always leaves the reader at its last token.</summary>
    private static string? ReadValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.Number:
                return Encoding.UTF8.GetString(reader.ValueSpan);
            case JsonTokenType.True:
                return "true";
            case JsonTokenType.False:
                return "false";
            case JsonTokenType.StartArray:
                return ReadArray(ref reader);
            default:
                reader.Skip();
                return null;
        }
    }

    private static string? ReadArray(ref Utf8JsonReader reader)
    {
        var parts = new List<string>();
        var isPlain = true;
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            isPlain &= reader.TokenType is JsonTokenType.String;
            if (reader.TokenType is JsonTokenType.String)
            {
                parts.Add(reader.GetString()!);
            }

            reader.Skip();
        }

        return isPlain ? string.Join(',', parts) : null;
    }

    private static int LineAt(ReadOnlySpan<byte> json, long offset) => json[..(int)offset].Count((byte)'\n') + 1;

    private static string FirstSentence(string message) =>
        message.IndexOf(". ", StringComparison.Ordinal) is > 0 and var end ? message[..end] : message;
}
