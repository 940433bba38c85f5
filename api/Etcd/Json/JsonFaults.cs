using System.Globalization;
using System.Text.Json;

namespace RestKv.Api.Etcd.Json;

/// <summary>What can be wrong with a body, as the gateway's clients see it: an invalid argument with the place of the mistake.</summary>
internal static class JsonFaults
{
    public static EtcdFault NotA(string expected, ref Utf8JsonReader reader) =>
        At(reader.TokenStartIndex, $"expected {expected}, found {Describe(reader.TokenType)}");

    public static EtcdFault BadValue(string type, ref Utf8JsonReader reader) =>
        At(reader.TokenStartIndex, $"the value is no {type}");

    public static EtcdFault Duplicate(string field, ref Utf8JsonReader reader) =>
        At(reader.TokenStartIndex, $"the field {field} is there twice");

    public static EtcdFault OneofTaken(string field, string oneof, ref Utf8JsonReader reader) =>
        At(reader.TokenStartIndex, $"{field} is one of several, and oneof {oneof} is already set");

    public static EtcdFault Malformed(string text) => new(GrpcCode.InvalidArgument, text);

    private static EtcdFault At(long offset, string text) =>
        Malformed(string.Create(CultureInfo.InvariantCulture, $"byte {offset}: {text}"));

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        _ => token.ToString(),
    };
}
