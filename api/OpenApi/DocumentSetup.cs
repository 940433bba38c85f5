using System.Text.Json.Serialization;
using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using RestKv.Api.Contracts;
using RestKv.Api.Security.Auth;

namespace RestKv.Api.OpenApi;

/// <summary>The OpenAPI document and the page that shows it.</summary>
internal static class DocumentSetup
{
    private const string DocumentName = "v1";

    // The page loads nothing from elsewhere; its styles are inline and its icons are data (swagger-ui issue 7540).
    private const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
        + "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static void AddRestKvDocument(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, RestKvJsonContext.Default);
        });
        services.AddOpenApi(DocumentName, options =>
        {
            // Members of several JSON types are described where they stand, each by its own types.
            options.CreateSchemaReferenceId = info => info.Type == typeof(JsonElement) || info.Type == typeof(JsonElement?)
                ? null
                : OpenApiOptions.CreateDefaultSchemaReferenceId(info);
            options.AddSchemaTransformer<SchemaTransformer>();
            options.AddOperationTransformer<OperationTransformer>();
            options.AddDocumentTransformer<DocumentTransformer>();
        });
    }

    public static void MapRestKvDocument(this WebApplication app)
    {
        AddHead(app.MapOpenApi("/openapi/{documentName}.json").ExcludeFromDescription());
        AddHead(app.MapOpenApi("/openapi/{documentName}.yaml").ExcludeFromDescription());
    }

    private static void AddHead(IEndpointConventionBuilder document) => document.Add(endpoint =>
    {
        endpoint.Metadata.Remove(endpoint.Metadata.OfType<IHttpMethodMetadata>().Single());
        endpoint.Metadata.Add(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]));
        endpoint.Metadata.Add(new RouteAccessMetadata(RouteAccess.Reader));
    });

    /// <summary>The page stands before routing: its files are no endpoints.</summary>
    public static void UseRestKvDocumentPage(this WebApplication app)
    {
        // The framework says text/plain+yaml; RFC 9512 has a name for it.
        app.UseWhen(IsYaml, yaml => yaml.Use((context, next) =>
        {
            context.Response.OnStarting(() =>
            {
                if (context.Response.StatusCode == StatusCodes.Status200OK)
                {
                    context.Response.ContentType = "application/yaml";
                }

                return Task.CompletedTask;
            });
            return next(context);
        }));
        app.UseWhen(IsPage, page =>
        {
            page.Use((context, next) =>
            {
                context.Response.Headers.ContentSecurityPolicy = PagePolicy;
                return next(context);
            });
            page.UseSwaggerUI(ui =>
            {
                ui.RoutePrefix = "docs";
                ui.DocumentTitle = "RestKv API";
                ui.SwaggerEndpoint($"/openapi/{DocumentName}.json", "RestKv");
            });
        });
    }

    private static bool IsYaml(HttpContext context) =>
        context.Request.Path == $"/openapi/{DocumentName}.yaml";

    private static bool IsPage(HttpContext context) => context.Request.Path.StartsWithSegments("/docs", StringComparison.Ordinal);
}
