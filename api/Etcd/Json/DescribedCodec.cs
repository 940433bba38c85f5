using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;

namespace RestKv.Api.Etcd.Json;

/// <summary>
/// A codec made from a message's descriptor. The properties are reached through delegates that are made once, so a field costs a
/// call and no reflection.
/// </summary>
internal class DescribedCodec<T>() : MessageCodec<T>(DescriptorOf<T>())
    where T : class, IMessage<T>, new()
{
    private readonly Lazy<Field[]> _fields = new(() => [.. DescriptorOf<T>().Fields.InFieldNumberOrder().Select(Describe)]);

    protected override void ReadField(int number, ref Utf8JsonReader reader, T into)
    {
        foreach (var field in _fields.Value)
        {
            if (field.Number == number)
            {
                field.Read(ref reader, into);
                return;
            }
        }
    }

    protected override void WriteFields(Utf8JsonWriter writer, T message)
    {
        foreach (var field in _fields.Value)
        {
            field.Write(writer, message);
        }
    }

    private static MessageDescriptor DescriptorOf<TMessage>()
        where TMessage : class, IMessage<TMessage>, new() => new TMessage().Descriptor;

    private static Field Describe(FieldDescriptor descriptor)
    {
        var property = typeof(T).GetProperty(descriptor.PropertyName)
            ?? throw new InvalidOperationException($"{typeof(T).Name} has no property for {descriptor.Name}");
        var (kind, value) = descriptor.IsRepeated
            ? (typeof(ListField<>), property.PropertyType.GetGenericArguments()[0])
            : (typeof(SingleField<>), property.PropertyType);
        return (Field)Activator.CreateInstance(kind.MakeGenericType(typeof(T), value), descriptor, property)!;
    }

    private abstract class Field(FieldDescriptor descriptor)
    {
        public int Number { get; } = descriptor.FieldNumber;

        protected FieldDescriptor Descriptor { get; } = descriptor;

        protected JsonEncodedText Name { get; } = JsonEncodedText.Encode(descriptor.Name);

        public abstract void Read(ref Utf8JsonReader reader, T into);

        public abstract void Write(Utf8JsonWriter writer, T message);
    }

    private sealed class SingleField<TValue>(FieldDescriptor descriptor, System.Reflection.PropertyInfo property) : Field(descriptor)
    {
        private readonly ValueCodec<TValue> _codec = ValueCodec<TValue>.Of(descriptor);
        private readonly Func<T, TValue> _get = property.GetMethod!.CreateDelegate<Func<T, TValue>>();
        private readonly Action<T, TValue> _set = property.SetMethod!.CreateDelegate<Action<T, TValue>>();

        public override void Read(ref Utf8JsonReader reader, T into)
        {
            if (_codec.TryRead(ref reader, out var value))
            {
                _set(into, value);
            }
        }

        public override void Write(Utf8JsonWriter writer, T message)
        {
            // A member of a oneof is there or not, whatever its value.
            var value = _get(message);
            if (Descriptor.HasPresence ? Descriptor.Accessor.HasValue(message) : !_codec.IsDefault(value))
            {
                writer.WritePropertyName(Name);
                _codec.Write(writer, value);
            }
        }
    }

    private sealed class ListField<TValue>(FieldDescriptor descriptor, System.Reflection.PropertyInfo property) : Field(descriptor)
    {
        private readonly ValueCodec<TValue> _codec = ValueCodec<TValue>.Of(descriptor);

        private readonly Func<T, RepeatedField<TValue>> _get =
            property.GetMethod!.CreateDelegate<Func<T, RepeatedField<TValue>>>();

        public override void Read(ref Utf8JsonReader reader, T into)
        {
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw JsonFaults.NotA("a list", ref reader);
            }

            var list = _get(into);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (_codec.TryRead(ref reader, out var value))
                {
                    list.Add(value);
                }
            }
        }

        public override void Write(Utf8JsonWriter writer, T message)
        {
            var list = _get(message);
            if (list.Count == 0)
            {
                return;
            }

            writer.WriteStartArray(Name);
            foreach (var value in list)
            {
                _codec.Write(writer, value);
            }

            writer.WriteEndArray();
        }
    }
}
