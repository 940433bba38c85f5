using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RestKv.Api.Http;

/// <summary>What a JSON value must be.</summary>
internal enum JsonShapeKind : byte
{
    /// <summary>Anything; judged later by whoever knows what it means.</summary>
    Any = 0,
    Text = 1,
    Integer = 2,
    Flag = 3,
    Object = 4,
    Array = 5,
}

/// <summary>
/// The members a contract type has, in the form a reader of bytes compares with. Made once per type from the same metadata
/// that deserializes it, so the two cannot disagree. Immutable once filled.
/// </summary>
internal sealed class JsonShape
{
    private static readonly ConcurrentDictionary<Type, JsonShape> Known = new();

    public JsonShapeKind Kind { get; private set; }

    public byte[][] Names { get; private set; } = [];

    public JsonShape[] Members { get; private set; } = [];

    /// <summary>Codes of members that have one of their own for a value of the wrong type.</summary>
    public string?[] FaultCodes { get; private set; } = [];

    /// <summary>The shape of an array's elements.</summary>
    public JsonShape? Element { get; private set; }

    /// <summary>What an unknown member is refused with.</summary>
    public string UnknownMemberCode { get; private set; } = "unknown-field";

    public static JsonShape Of(JsonTypeInfo info)
    {
        if (Known.TryGetValue(info.Type, out var known))
        {
            return known;
        }

        // Known only when it is whole: another request must not be judged by half a shape. Two may make it at once; one is kept.
        return Known.GetOrAdd(info.Type, Of(info.Type, info.Options, []));
    }

    /// <param name="begun">What this call has begun to make: contracts contain themselves (a transaction in a transaction).</param>
    private static JsonShape Of(Type type, JsonSerializerOptions options, Dictionary<Type, JsonShape> begun)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (begun.TryGetValue(type, out var known))
        {
            return known;
        }

        var shape = new JsonShape();
        begun.Add(type, shape);
        shape.Fill(type, options, begun);
        return shape;
    }

    private void Fill(Type type, JsonSerializerOptions options, Dictionary<Type, JsonShape> begun)
    {
        var info = options.GetTypeInfo(type);
        if (info.Kind == JsonTypeInfoKind.Object)
        {
            Names = [.. info.Properties.Select(property => Encoding.UTF8.GetBytes(property.Name))];
            Members = [.. info.Properties.Select(property => Of(property.PropertyType, options, begun))];
            FaultCodes = [.. info.Properties.Select(property => FaultCodeOf(type, property.Name))];
            UnknownMemberCode = type.GetCustomAttribute<FaultCodeAttribute>()?.Code ?? UnknownMemberCode;
            Kind = JsonShapeKind.Object;
            return;
        }

        if (info.Kind == JsonTypeInfoKind.Enumerable)
        {
            Element = Of(info.ElementType!, options, begun);
            Kind = JsonShapeKind.Array;
            return;
        }

        Kind = type == typeof(string) ? JsonShapeKind.Text
            : type == typeof(bool) ? JsonShapeKind.Flag
            : type == typeof(long) || type == typeof(int) ? JsonShapeKind.Integer
            : JsonShapeKind.Any;
    }

    private static string? FaultCodeOf(Type type, string name) =>
        type.GetProperty(name, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)
            ?.GetCustomAttribute<FaultCodeAttribute>()?.Code;
}
