namespace RestKv.Api.OpenApi;

/// <summary>One successful answer of an operation, for the document.</summary>
/// <param name="Contract">The type of a JSON body, or null for other bodies and none.</param>
/// <param name="MediaType">Null when there is no body.</param>
internal sealed record Answer(int Status, string Description, string? MediaType, Type? Contract)
{
    public static Answer Json<T>(int status, string description) =>
        new(status, description, Http.KvHeaders.Json, typeof(T));

    public static Answer Empty(int status, string description) => new(status, description, null, null);

    public static Answer Other(string mediaType, string description, Type? contract = null) =>
        new(StatusCodes.Status200OK, description, mediaType, contract);
}
