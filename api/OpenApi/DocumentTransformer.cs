using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using RestKv.Api.Http;

namespace RestKv.Api.OpenApi;

/// <summary>What the document says about itself. No servers: it is served by the one it describes, wherever that is.</summary>
internal sealed class DocumentTransformer : IOpenApiDocumentTransformer
{
    private static readonly Dictionary<string, string> Descriptions = new()
    {
        ["Keys"] = "Values under keys: one by one, as lists, and their history.",
        ["Transactions"] = "Several operations as one, with conditions.",
        ["Leases"] = "Keys that go away unless somebody keeps them alive.",
        ["Outcomes"] = "What became of a write that carried an Idempotency-Key.",
        ["Watches"] = "Every change, in order, as it happens or from any retained revision.",
        ["Maintenance"] = "Compaction, retention, limits and facts about this member.",
        ["Health"] = "Whether this member lives and serves.",
        ["Problems"] = "What the codes of errors mean.",
    };

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "RestKv",
            Version = ProductVersion.Text,
            Description = "A distributed, strongly consistent key-value store over plain HTTP.",
        };
        foreach (var tag in document.Tags ?? new HashSet<OpenApiTag>())
        {
            tag.Description = Descriptions.GetValueOrDefault(tag.Name ?? "");
        }

        foreach (var schema in document.Components?.Schemas?.Values ?? [])
        {
            DropNull(schema);
        }

        document.Servers = [new OpenApiServer { Url = "/" }];
        return Task.CompletedTask;
    }

    /// <summary>A member that does not apply is absent; the framework says "null or the type" for those of a class.</summary>
    private static void DropNull(IOpenApiSchema schema)
    {
        foreach (var (name, member) in schema.Properties?.ToList() ?? [])
        {
            if (member.OneOf is [{ Type: JsonSchemaType.Null }, { } other])
            {
                schema.Properties![name] = other;
            }
        }
    }
}
