using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace RestKv.Api.Etcd.Json;

/// <summary>One kind of value inside a message.</summary>
internal abstract class ValueCodec<T>
{
    /// <summary>False for a value that is to be passed over: an enum's name that nobody knows.</summary>
    public abstract bool TryRead(ref Utf8JsonReader reader, out T value);

    public abstract bool IsDefault(T value);

    public abstract void Write(Utf8JsonWriter writer, T value);

    public static ValueCodec<T> Of(FieldDescriptor field) => (ValueCodec<T>)(object)(field.FieldType switch
    {
        FieldType.Int64 => new Int64Codec(),
        FieldType.UInt64 => new UInt64Codec(),
        FieldType.UInt32 => new UInt32Codec(),
        FieldType.Bool => new BoolCodec(),
        FieldType.String => new StringCodec(),
        FieldType.Bytes => new BytesCodec(),
        FieldType.Enum => Activator.CreateInstance(typeof(EnumCodec<>).MakeGenericType(typeof(T)), field.EnumType)!,
        FieldType.Message => Activator.CreateInstance(typeof(NestedCodec<>).MakeGenericType(typeof(T)))!,
        _ => throw new NotSupportedException($"{field.FullName}: no message of the API has a {field.FieldType}"),
    });
}

/// <summary>Out as a string, in as a number or a string.</summary>
internal sealed class Int64Codec : ValueCodec<long>
{
    public override bool TryRead(ref Utf8JsonReader reader, out long value)
    {
        value = JsonValues.ReadInt64(ref reader);
        return true;
    }

    public override bool IsDefault(long value) => value == 0;

    public override void Write(Utf8JsonWriter writer, long value) => JsonValues.WriteInt64(writer, value);
}

/// <summary>As <see cref="Int64Codec"/>, without a sign.</summary>
internal sealed class UInt64Codec : ValueCodec<ulong>
{
    public override bool TryRead(ref Utf8JsonReader reader, out ulong value)
    {
        value = JsonValues.ReadUInt64(ref reader);
        return true;
    }

    public override bool IsDefault(ulong value) => value == 0;

    public override void Write(Utf8JsonWriter writer, ulong value) => JsonValues.WriteUInt64(writer, value);
}

/// <summary>A number on both ways.</summary>
internal sealed class UInt32Codec : ValueCodec<uint>
{
    public override bool TryRead(ref Utf8JsonReader reader, out uint value)
    {
        value = JsonValues.ReadUInt32(ref reader);
        return true;
    }

    public override bool IsDefault(uint value) => value == 0;

    public override void Write(Utf8JsonWriter writer, uint value) => writer.WriteNumberValue(value);
}

/// <summary>true or false, and nothing that only looks like it.</summary>
internal sealed class BoolCodec : ValueCodec<bool>
{
    public override bool TryRead(ref Utf8JsonReader reader, out bool value)
    {
        value = JsonValues.ReadBool(ref reader);
        return true;
    }

    public override bool IsDefault(bool value) => !value;

    public override void Write(Utf8JsonWriter writer, bool value) => writer.WriteBooleanValue(value);
}

/// <summary>Text that is UTF-8.</summary>
internal sealed class StringCodec : ValueCodec<string>
{
    public override bool TryRead(ref Utf8JsonReader reader, out string value)
    {
        value = JsonValues.ReadString(ref reader);
        return true;
    }

    public override bool IsDefault(string value) => value.Length == 0;

    public override void Write(Utf8JsonWriter writer, string value) => writer.WriteStringValue(value);
}

/// <summary>Bytes as base64.</summary>
internal sealed class BytesCodec : ValueCodec<ByteString>
{
    public override bool TryRead(ref Utf8JsonReader reader, out ByteString value)
    {
        value = JsonValues.ReadBytes(ref reader);
        return true;
    }

    public override bool IsDefault(ByteString value) => value.IsEmpty;

    public override void Write(Utf8JsonWriter writer, ByteString value) => writer.WriteBase64StringValue(value.Span);
}

/// <summary>Names out; names and numbers in, and numbers beyond the names are kept for the handler to judge.</summary>
internal sealed class EnumCodec<T>(EnumDescriptor descriptor) : ValueCodec<T>
    where T : struct, Enum
{
    public override bool TryRead(ref Utf8JsonReader reader, out T value)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            value = (T)Enum.ToObject(typeof(T), JsonValues.ReadInt32(ref reader));
            return true;
        }

        var found = descriptor.FindValueByName(JsonValues.ReadString(ref reader));
        value = found is null ? default : (T)Enum.ToObject(typeof(T), found.Number);
        return found is not null;
    }

    public override bool IsDefault(T value) => EqualityComparer<T>.Default.Equals(value, default);

    public override void Write(Utf8JsonWriter writer, T value)
    {
        var number = Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture);
        if (descriptor.FindValueByNumber(number) is { } known)
        {
            writer.WriteStringValue(known.Name);
        }
        else
        {
            writer.WriteNumberValue(number);
        }
    }
}

/// <summary>A message inside another; its codec is found when it is first needed.</summary>
internal sealed class NestedCodec<T> : ValueCodec<T>
    where T : class, IMessage<T>, new()
{
    public override bool TryRead(ref Utf8JsonReader reader, out T value)
    {
        value = MessageCodecs.Of<T>().ReadMessage(ref reader);
        return true;
    }

    public override bool IsDefault(T value) => value is null;

    public override void Write(Utf8JsonWriter writer, T value) => MessageCodecs.Of<T>().WriteMessage(writer, value);
}
