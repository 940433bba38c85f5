using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace RestKv.Api.OpenApi;

/// <summary>
/// Makes schemas say what is on the wire: what does not apply is absent, never null, and members that take one of several
/// JSON types list them.
/// </summary>
internal sealed class SchemaTransformer : IOpenApiSchemaTransformer
{
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        schema.Type &= ~JsonSchemaType.Null;
        if (context.JsonTypeInfo.Type == typeof(JsonElement) || context.JsonTypeInfo.Type == typeof(JsonElement?))
        {
            schema.Type = TypesOf(context.JsonPropertyInfo?.Name);
        }

        return Task.CompletedTask;
    }

    private static JsonSchemaType? TypesOf(string? member) => member switch
    {
        "ttl" or "age" or "next" => JsonSchemaType.String | JsonSchemaType.Integer,
        "version" or "modRev" or "createRev" => JsonSchemaType.Integer | JsonSchemaType.Object,
        "value" or "base64" or "lease" => JsonSchemaType.String | JsonSchemaType.Object,
        _ => null,
    };
}
