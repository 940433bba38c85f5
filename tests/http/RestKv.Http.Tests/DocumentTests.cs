using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using RestKv.Api.Etcd;
using RestKv.Api.OpenApi;
using RestKv.Http.Tests.Support;
using RestKv.Testing;

namespace RestKv.Http.Tests;

/// <summary>The OpenAPI document: committed, served, complete, and good enough for those who generate from it.</summary>
public sealed class DocumentTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    private static readonly string[] NotInTheDocument = ["/openapi/{documentName}.json", "/openapi/{documentName}.yaml"];

    [Fact]
    public async Task What_is_served_is_what_is_committed()
    {
        var served = JsonNode.Parse((await node.SendAsync("GET", "/openapi/v1.json")).Text);
        var committed = JsonNode.Parse(await System.IO.File.ReadAllTextAsync(Repository.PathOf("openapi", "restkv.json")));

        Assert.True(JsonNode.DeepEquals(committed, served), "build api and commit openapi/restkv.json");
    }

    [Fact]
    public async Task Every_route_is_in_it_and_every_path_in_it_is_routed()
    {
        var paths = (JsonObject)JsonNode.Parse((await node.SendAsync("GET", "/openapi/v1.json")).Text)!["paths"]!;
        var documented = paths.SelectMany(path => ((JsonObject)path.Value!).Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key}"));
        var routed = node.Endpoints.OfType<RouteEndpoint>()
            .Where(route => !NotInTheDocument.Contains(route.RoutePattern.RawText))
            .Where(route => node.Service<EtcdMethods>().FindByGrpcPath(route.RoutePattern.RawText!) is null)
            .Where(route => route.Metadata.GetMetadata<OperationNotes>() is not null || !IsHead(route))
            .Select(route => $"{MethodOf(route)} {route.RoutePattern.RawText}");

        Assert.Equal(routed.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Operations_have_names_tags_answers_and_documented_parameters()
    {
        var paths = (JsonObject)JsonNode.Parse((await node.SendAsync("GET", "/openapi/v1.json")).Text)!["paths"]!;
        var ids = new HashSet<string>();
        foreach (var (path, item) in paths)
        {
            foreach (var (method, operation) in (JsonObject)item!)
            {
                var name = $"{method} {path}";
                Assert.True(ids.Add(operation!["operationId"]!.GetValue<string>()), name);
                Assert.NotEmpty(operation["tags"]!.AsArray());
                Assert.NotEmpty(operation["summary"]!.GetValue<string>());
                Assert.Contains(operation["responses"]!.AsObject(), response => response.Key.StartsWith('2'));
                Assert.NotNull(operation["responses"]!["default"]);
                foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
                {
                    Assert.NotEmpty(parameter!["description"]!.GetValue<string>());
                    Assert.NotNull(parameter["schema"]);
                }
            }
        }

        Assert.Superset(new HashSet<string> { "getValue", "putValue", "deleteValue", "listKeys", "runTransaction", "watchKeys" }, ids);
    }

    [Fact]
    public async Task Schemas_never_say_null_and_numbers_are_numbers()
    {
        var text = (await node.SendAsync("GET", "/openapi/v1.json")).Text;

        Assert.DoesNotContain("\"null\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"pattern\"", text, StringComparison.Ordinal);
    }

    private static bool IsHead(RouteEndpoint route) => MethodOf(route) == "HEAD";

    private static string MethodOf(RouteEndpoint route) => route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Single();
}
