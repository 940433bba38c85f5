using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Api.OpenApi;
using RestKv.Api.Security.Auth;

namespace RestKv.Api.Endpoints;

/// <summary>`/`: where a newcomer types the address first. A browser is shown the documentation, a program the ways on.</summary>
internal static class RootEndpoint
{
    private const string Documentation = "/docs";
    private static readonly QuerySpec Query = new(Parameters.Pretty);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/", (Delegate)GetRootAsync).Describe(new OperationNotes
        {
            Id = "getRoot",
            Access = RouteAccess.Public,
            Tag = "Health",
            Summary = "Where to go from here; browsers are sent to the documentation",
            Query = Query,
            Answers = [Answer.Json<RootLinks>(200, "Ways on."), Answer.Empty(302, "To the documentation, for who accepts HTML.")],
            Problems = [400],
        });

    private static async Task GetRootAsync(HttpContext context)
    {
        var query = QueryReader.Read(context, Query);
        var pretty = query.Flag(Parameters.Pretty);
        if (query.Problem is not null)
        {
            await query.Problem.WriteAsync(context);
            return;
        }

        KvHeaders.VaryAsRead(context.Response.Headers);
        if (WantsPage(context.Request))
        {
            context.Response.Headers.Location = Documentation;
            Reply.SendNothing(context, StatusCodes.Status302Found);
            return;
        }

        using var reply = JsonReply.Rent(pretty);
        var writer = reply.Writer;
        writer.WriteStartObject();
        writer.WriteString("name"u8, "RestKv");
        writer.WriteString("version"u8, ProductVersion.Text);
        writer.WriteString("docs"u8, Documentation);
        writer.WriteString("openapi"u8, "/openapi/v1.json");
        writer.WriteString("status"u8, "/v1/status");
        writer.WriteString("problems"u8, "/problems");
        writer.WriteEndObject();
        await Reply.SendAsync(context, reply);
    }

    /// <summary>Browsers name HTML; `*/*`, which everybody else sends, is not enough.</summary>
    private static bool WantsPage(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
