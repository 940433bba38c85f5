using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using RestKv.Api.Http;

namespace RestKv.Api.OpenApi;

/// <summary>Adds to each operation what its notes say: parameters, headers, bodies and answers.</summary>
internal sealed class OperationTransformer : IOpenApiOperationTransformer
{
    public Task TransformAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var notes = context.Description.ActionDescriptor.EndpointMetadata.OfType<OperationNotes>().FirstOrDefault();
        if (notes is null)
        {
            return Task.CompletedTask;
        }

        AddPathParameters(operation, context.Description.RelativePath ?? "");
        AddQuery(operation, notes.Query);
        AddHeaders(operation, notes.Headers);
        SetBody(operation, notes);
        SetAnswers(operation, notes);
        SetDefault(operation);
        return Task.CompletedTask;
    }

    private static void AddPathParameters(OpenApiOperation operation, string path)
    {
        operation.Parameters ??= [];
        foreach (var segment in path.Split('/'))
        {
            var name = segment.Trim('{', '}');
            if (!segment.StartsWith('{'))
            {
                continue;
            }

            if (operation.Parameters.FirstOrDefault(parameter => parameter.Name == name) is { } known)
            {
                known.Description = DescriptionOf(path, name);
            }
            else
            {
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = name,
                    In = ParameterLocation.Path,
                    Required = true,
                    Description = DescriptionOf(path, name),
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
            }
        }
    }

    private static string DescriptionOf(string path, string name) => (name, path) switch
    {
        ("key", _) when path.Contains("64/", StringComparison.Ordinal) => "The key's bytes as base64url without padding.",
        ("key", _) when path.Contains("outcomes", StringComparison.Ordinal) => "The Idempotency-Key of the write.",
        ("key", _) => "The key, percent-encoded.",
        ("code", _) => "The code of a problem.",
        _ => "Lease id in hexadecimal.",
    };

    private static void AddQuery(OpenApiOperation operation, QuerySpec query)
    {
        foreach (var parameter in query.Parameters)
        {
            operation.Parameters!.Add(new OpenApiParameter
            {
                Name = parameter.Name,
                In = ParameterLocation.Query,
                Description = parameter.Description,
                Schema = parameter.IsRepeatable
                    ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = SchemaOf(parameter) }
                    : SchemaOf(parameter),
            });
        }
    }

    private static OpenApiSchema SchemaOf(QueryParameter parameter) => parameter.Type switch
    {
        QueryParameterType.Integer => new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Format = "int64",
            Minimum = (parameter.Minimum ?? 0).ToString(CultureInfo.InvariantCulture),
            Maximum = (parameter.Maximum ?? QueryReader.IntegerMax).ToString(CultureInfo.InvariantCulture),
        },
        QueryParameterType.Flag => new OpenApiSchema { Type = JsonSchemaType.Boolean },
        QueryParameterType.Choice => new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Enum = [.. parameter.Choices.Where(choice => choice.Length > 0).Select(choice => (JsonNode)choice)],
        },
        _ => new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static void AddHeaders(OpenApiOperation operation, IReadOnlyList<HeaderParameter> headers)
    {
        foreach (var header in headers)
        {
            operation.Parameters!.Add(new OpenApiParameter
            {
                Name = header.Name,
                In = ParameterLocation.Header,
                Description = header.Description,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
    }

    private static void SetBody(OpenApiOperation operation, OperationNotes notes)
    {
        if (notes.TakesValue)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Description = "The value.",
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType> { [KvHeaders.Binary] = Bytes() },
            };
        }
        else if (notes.Body is not null && operation.RequestBody is OpenApiRequestBody body)
        {
            body.Required = true;
            body.Content?.Remove("*/*");
        }
    }

    private static void SetAnswers(OpenApiOperation operation, OperationNotes notes)
    {
        foreach (var answers in notes.Answers.GroupBy(answer => answer.Status.ToString(CultureInfo.InvariantCulture)))
        {
            if (operation.Responses?.GetValueOrDefault(answers.Key) is OpenApiResponse response)
            {
                response.Description = string.Join(' ', answers.Select(answer => answer.Description).Distinct());
                SetContent(response, answers);
                SetHeaders(response, notes);
            }
        }

        if (notes.Events.Count > 0)
        {
            operation.Extensions ??= new Dictionary<string, IOpenApiExtension>();
            operation.Extensions["x-sse-events"] =
                new JsonNodeExtension(new JsonArray([.. notes.Events.Select(name => (JsonNode)name)]));
        }
    }

    private static void SetHeaders(OpenApiResponse response, OperationNotes notes)
    {
        response.Headers ??= new Dictionary<string, IOpenApiHeader>();
        Add(response, KvHeaders.Revision, "The store's revision.");
        Add(response, KvHeaders.Member, "The member that answered.");
        Add(response, KvHeaders.RequestId, "The name of this request, ours or the client's own.");
        if (notes.Headers.Contains(HeaderParameter.IfMatch))
        {
            Add(response, "ETag", "The key's revision in quotes, for If-Match and If-None-Match.");
        }

        if (notes.Headers.Contains(HeaderParameter.IdempotencyKey))
        {
            Add(response, KvHeaders.IdempotencyReplayed, "`true` when this is the stored answer of an earlier request.");
        }
    }

    private static void Add(OpenApiResponse response, string name, string description) =>
        response.Headers![name] = new OpenApiHeader
        {
            Description = description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        };

    /// <summary>Whatever has no line of its own is a problem, too: a host that is not ours, a failure, a server that stops.</summary>
    private static void SetDefault(OpenApiOperation operation)
    {
        if (operation.Responses?.Values.FirstOrDefault(response => response.Content?.ContainsKey(KvHeaders.ProblemJson) ?? false)
            is { } problem)
        {
            operation.Responses["default"] = new OpenApiResponse
            {
                Description = "Any other problem.",
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [KvHeaders.ProblemJson] = new() { Schema = problem.Content![KvHeaders.ProblemJson].Schema },
                },
            };
        }
    }

    /// <summary>All forms of one answer in the order of the notes: of several with one status the framework keeps the last.</summary>
    private static void SetContent(OpenApiResponse response, IEnumerable<Answer> answers)
    {
        var known = response.Content ?? new Dictionary<string, OpenApiMediaType>();
        var content = new Dictionary<string, OpenApiMediaType>();
        foreach (var answer in answers)
        {
            if (answer.MediaType is { } mediaType)
            {
                content[mediaType] = answer.Contract is not null ? (known.TryGetValue(mediaType, out var form) ? form : known.Values.First())
                    : mediaType == KvHeaders.Binary ? Bytes()
                    : PlainText();
            }
        }

        if (content.Count > 0)
        {
            response.Content = content;
        }
    }

    private static OpenApiMediaType Bytes() =>
        new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } };

    private static OpenApiMediaType PlainText() => new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
}
