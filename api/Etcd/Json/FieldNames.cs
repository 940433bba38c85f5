using System.Text;
using System.Text.Json;
using Google.Protobuf.Reflection;

namespace RestKv.Api.Etcd.Json;

/// <summary>One field of a message, as the reader needs it.</summary>
/// <param name="Bit">Marks the field in a set of those that were seen.</param>
/// <param name="OneofBit">Marks its oneof likewise; zero for a field of its own.</param>
internal sealed record FieldName(string Text, int Number, ulong Bit, ulong OneofBit, string Oneof);

/// <summary>Finds the fields of one message by either of their names, `range_end` or `rangeEnd`.</summary>
internal sealed class FieldNames
{
    private readonly (byte[] Name, FieldName Field)[][] _byLength;

    public FieldNames(MessageDescriptor descriptor)
    {
        var fields = descriptor.Fields.InDeclarationOrder();
        Raft.Invariant.Check(fields.Count <= 64);
        var all = fields.Select((field, index) => (field, name: Describe(field, index)))
            .SelectMany(entry => new[] { entry.field.Name, entry.field.JsonName }.Distinct()
                .Select(text => (Name: Encoding.UTF8.GetBytes(text), Field: entry.name)))
            .ToList();
        _byLength = new (byte[], FieldName)[all.Count == 0 ? 0 : all.Max(entry => entry.Name.Length) + 1][];
        for (var length = 0; length < _byLength.Length; length++)
        {
            _byLength[length] = [.. all.Where(entry => entry.Name.Length == length)];
        }
    }

    /// <summary>The field that the property name at the reader stands for; null for one that the message does not have.</summary>
    public FieldName? Find(ref Utf8JsonReader reader) =>
        Find(reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(JsonValues.ReadName(ref reader)) : reader.ValueSpan);

    private FieldName? Find(ReadOnlySpan<byte> text)
    {
        if (text.Length >= _byLength.Length)
        {
            return null;
        }

        foreach (var (name, field) in _byLength[text.Length])
        {
            if (text.SequenceEqual(name))
            {
                return field;
            }
        }

        return null;
    }

    private static FieldName Describe(FieldDescriptor field, int index)
    {
        var oneof = field.RealContainingOneof;
        return new FieldName(field.Name, field.FieldNumber, 1UL << index, oneof is null ? 0 : 1UL << oneof.Index, oneof?.Name ?? "");
    }
}
