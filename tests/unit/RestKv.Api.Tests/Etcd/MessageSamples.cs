using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace RestKv.Api.Tests.Etcd;

/// <summary>Messages with a value in every field, of a oneof in the last one.</summary>
internal static class MessageSamples
{
    public static IMessage Filled(MessageDescriptor descriptor, int depth)
    {
        var message = descriptor.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in descriptor.Fields.InFieldNumberOrder())
        {
            if (field.FieldType == FieldType.Message && depth == 0)
            {
                continue;
            }

            var value = ValueOf(field, depth);
            if (field.IsRepeated)
            {
                var list = (IList)field.Accessor.GetValue(message);
                list.Add(value);
                list.Add(value);
            }
            else
            {
                field.Accessor.SetValue(message, value);
            }
        }

        return message;
    }

    private static object ValueOf(FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.Int64 => long.MinValue + field.FieldNumber,
        FieldType.UInt64 => ulong.MaxValue - (ulong)field.FieldNumber,
        FieldType.UInt32 => uint.MaxValue - (uint)field.FieldNumber,
        FieldType.Bool => true,
        FieldType.String => $"\"{field.Name}\" é\n",
        FieldType.Bytes => ByteString.CopyFrom([0xff, 0x00, (byte)field.FieldNumber]),
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, field.EnumType.Values[^1].Number),
        FieldType.Message => Filled(field.MessageType, depth - 1),
        _ => throw new NotSupportedException(field.FullName),
    };
}
