using System.Buffers.Text;
using System.Text.Json;
using Google.Protobuf;

namespace RestKv.Api.Etcd.Json;

/// <summary>Single values of protobuf's JSON: reading with all the forms that are taken, writing in the one form that is given.</summary>
internal static class JsonValues
{
    private const int DigitsMax = 20;
    private const int ShortText = 256;

    public static long ReadInt64(ref Utf8JsonReader reader) =>
        JsonInteger.TryReadSigned(NumberText(ref reader, "int64"), out var value) ? value : throw JsonFaults.BadValue("int64", ref reader);

    public static ulong ReadUInt64(ref Utf8JsonReader reader) =>
        JsonInteger.TryReadUnsigned(NumberText(ref reader, "uint64"), out var value)
            ? value
            : throw JsonFaults.BadValue("uint64", ref reader);

    public static uint ReadUInt32(ref Utf8JsonReader reader) =>
        JsonInteger.TryReadUnsigned(NumberText(ref reader, "uint32"), out var value) && value <= uint.MaxValue
            ? (uint)value
            : throw JsonFaults.BadValue("uint32", ref reader);

    public static int ReadInt32(ref Utf8JsonReader reader) =>
        JsonInteger.TryReadSigned(NumberText(ref reader, "int32"), out var value) && value is >= int.MinValue and <= int.MaxValue
            ? (int)value
            : throw JsonFaults.BadValue("int32", ref reader);

    public static bool ReadBool(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw JsonFaults.NotA("true or false", ref reader),
    };

    public static string ReadString(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw JsonFaults.NotA("a string", ref reader);
        }

        return ReadName(ref reader);
    }

    /// <summary>A string or the name of a member, escapes undone.</summary>
    public static string ReadName(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw JsonFaults.BadValue("UTF-8", ref reader);
        }
    }

    /// <summary>The bytes are the message's own: nobody else holds the array.</summary>
    public static ByteString ReadBytes(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw JsonFaults.NotA("base64 in a string", ref reader);
        }

        var text = reader.ValueIsEscaped ? Unescape(ref reader) : reader.ValueSpan;
        return Base64Text.TryDecode(text, out var bytes)
            ? UnsafeByteOperations.UnsafeWrap(bytes)
            : throw JsonFaults.BadValue("base64", ref reader);
    }

    public static void WriteInt64(Utf8JsonWriter writer, JsonEncodedText name, long value)
    {
        Span<byte> text = stackalloc byte[DigitsMax];
        Utf8Formatter.TryFormat(value, text, out var length);
        writer.WriteString(name, text[..length]);
    }

    public static void WriteUInt64(Utf8JsonWriter writer, JsonEncodedText name, ulong value)
    {
        Span<byte> text = stackalloc byte[DigitsMax];
        Utf8Formatter.TryFormat(value, text, out var length);
        writer.WriteString(name, text[..length]);
    }

    public static void WriteInt64(Utf8JsonWriter writer, long value)
    {
        Span<byte> text = stackalloc byte[DigitsMax];
        Utf8Formatter.TryFormat(value, text, out var length);
        writer.WriteStringValue(text[..length]);
    }

    public static void WriteUInt64(Utf8JsonWriter writer, ulong value)
    {
        Span<byte> text = stackalloc byte[DigitsMax];
        Utf8Formatter.TryFormat(value, text, out var length);
        writer.WriteStringValue(text[..length]);
    }

    /// <summary>As above, for numbers that may be zero: those are left out.</summary>
    public static void WriteInt64Unless0(Utf8JsonWriter writer, JsonEncodedText name, long value)
    {
        if (value != 0)
        {
            WriteInt64(writer, name, value);
        }
    }

    public static void WriteUInt64Unless0(Utf8JsonWriter writer, JsonEncodedText name, ulong value)
    {
        if (value != 0)
        {
            WriteUInt64(writer, name, value);
        }
    }

    public static void WriteBytesUnlessEmpty(Utf8JsonWriter writer, JsonEncodedText name, ByteString value)
    {
        if (!value.IsEmpty)
        {
            writer.WriteBase64String(name, value.Span);
        }
    }

    /// <summary>A number as it stands in the body, or the text of a string that should be one.</summary>
    private static ReadOnlySpan<byte> NumberText(ref Utf8JsonReader reader, string type) => reader.TokenType switch
    {
        JsonTokenType.Number => reader.ValueSpan,
        JsonTokenType.String => reader.ValueIsEscaped ? Unescape(ref reader) : reader.ValueSpan,
        _ => throw JsonFaults.NotA(type, ref reader),
    };

    private static ReadOnlySpan<byte> Unescape(ref Utf8JsonReader reader)
    {
        var into = new byte[Math.Max(ShortText, reader.ValueSpan.Length)];
        try
        {
            return into.AsSpan(0, reader.CopyString(into));
        }
        catch (InvalidOperationException)
        {
            throw JsonFaults.BadValue("UTF-8", ref reader);
        }
    }
}
