using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace RestKv.Api.Etcd.Json;

/// <summary>Messages of one type as protobuf's JSON. Immutable, safe from any thread.</summary>
internal abstract class MessageCodec
{
    /// <summary>Reads the value at which the reader stands; refuses with an <see cref="EtcdFault"/> or a <see cref="JsonException"/>.</summary>
    public abstract IMessage Read(ref Utf8JsonReader reader);

    /// <summary>Writes an object without the fields that have their default value.</summary>
    public abstract void Write(Utf8JsonWriter writer, IMessage message);
}

/// <inheritdoc/>
internal abstract class MessageCodec<T>(MessageDescriptor descriptor) : MessageCodec
    where T : class, IMessage<T>, new()
{
    private readonly FieldNames _names = new(descriptor);

    public sealed override IMessage Read(ref Utf8JsonReader reader) => ReadMessage(ref reader);

    public sealed override void Write(Utf8JsonWriter writer, IMessage message) => WriteMessage(writer, (T)message);

    /// <summary>
    /// Fields that are unknown are passed over and null stands for an absent field. A field may come once, and of a oneof only one.
    /// </summary>
    public T ReadMessage(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw JsonFaults.NotA("an object", ref reader);
        }

        var message = new T();
        var seen = 0UL;
        var seenOneofs = 0UL;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = _names.Find(ref reader);
            if (field is not null && (seen & field.Bit) != 0)
            {
                throw JsonFaults.Duplicate(field.Text, ref reader);
            }

            reader.Read();
            if (field is null)
            {
                reader.Skip();
                continue;
            }

            seen |= field.Bit;
            if (reader.TokenType == JsonTokenType.Null)
            {
                continue;
            }

            if ((seenOneofs & field.OneofBit) != 0)
            {
                throw JsonFaults.OneofTaken(field.Text, field.Oneof, ref reader);
            }

            seenOneofs |= field.OneofBit;
            ReadField(field.Number, ref reader, message);
        }

        return message;
    }

    public void WriteMessage(Utf8JsonWriter writer, T message)
    {
        writer.WriteStartObject();
        WriteFields(writer, message);
        writer.WriteEndObject();
    }

    /// <summary>Reads the value of one field, which is not null, and leaves the reader at its last token.</summary>
    protected abstract void ReadField(int number, ref Utf8JsonReader reader, T into);

    /// <summary>Writes the members of the object, in the order of their numbers.</summary>
    protected abstract void WriteFields(Utf8JsonWriter writer, T message);
}
