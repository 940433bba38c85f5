using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using RestKv.Core.Commands;

namespace RestKv.Checkers.History;

/// <summary>Histories as JSON lines: one operation a line, byte strings in base64, so that a run can be kept and judged again.</summary>
public static class HistoryJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { AddKinds } },
        IgnoreReadOnlyProperties = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static string Write(HistoryOperation operation) => JsonSerializer.Serialize(operation, Options);

    public static HistoryOperation Read(string line) =>
        JsonSerializer.Deserialize<HistoryOperation>(line, Options)
            ?? throw new JsonException("a history line must be an object");

    public static void WriteAll(TextWriter writer, IEnumerable<HistoryOperation> operations)
    {
        foreach (var operation in operations)
        {
            writer.WriteLine(Write(operation));
        }
    }

    public static IReadOnlyList<HistoryOperation> ReadAll(TextReader reader)
    {
        List<HistoryOperation> operations = [];
        while (reader.ReadLine() is { } line)
        {
            operations.Add(Read(line));
        }

        return operations;
    }

    /// <summary>The closed hierarchies are told apart by the name of the nested type; core's types carry no attributes for this.</summary>
    private static void AddKinds(JsonTypeInfo info)
    {
        Type[] bases = [typeof(HistoryRequest), typeof(HistoryReply), typeof(Command), typeof(Operation), typeof(OperationResult)];
        if (!bases.Contains(info.Type))
        {
            return;
        }

        info.PolymorphismOptions = new JsonPolymorphismOptions { TypeDiscriminatorPropertyName = "$kind" };
        foreach (var nested in info.Type.GetNestedTypes().Where(type => type.IsSubclassOf(info.Type) && !type.IsAbstract))
        {
            info.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(nested, nested.Name));
        }
    }
}
