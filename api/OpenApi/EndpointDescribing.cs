using RestKv.Api.Http;
using RestKv.Api.Security.Auth;

namespace RestKv.Api.OpenApi;

/// <summary>Puts an operation's notes where the document's generator finds them.</summary>
internal static class EndpointDescribing
{
    private static readonly string[] HeadOnly = [HttpMethods.Head];

    /// <summary>
    /// A read, by GET and, as HTTP wants it, by HEAD: the same handler, whose body is left out when it is sent. The document
    /// lists the GET alone. Streams are mapped by themselves: they have no headers before their body.
    /// </summary>
    public static RouteHandlerBuilder MapRead(
        this IEndpointRouteBuilder routes, string path, Delegate handler, OperationNotes notes, params ReadOnlySpan<object> metadata)
    {
        var more = metadata.ToArray();
        routes.MapMethods(path, HeadOnly, handler).WithMetadata(more).WithMetadata(new RouteAccessMetadata(notes.Access))
            .ExcludeFromDescription();
        return routes.MapGet(path, handler).WithMetadata(more).Describe(notes);
    }

    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder endpoint, OperationNotes notes)
    {
        endpoint.WithName(notes.Id).WithTags(notes.Tag).WithSummary(notes.Summary)
            .WithMetadata(notes, new RouteAccessMetadata(notes.Access));
        if (notes.Description is not null)
        {
            endpoint.WithDescription(notes.Description);
        }

        if (notes.Body is not null)
        {
            // The second type keeps routing from judging the media type: curl's is judged by the reader, kindly.
            endpoint.Accepts(notes.Body, KvHeaders.Json, "*/*");
        }

        foreach (var answer in notes.Answers)
        {
            endpoint.Produces(answer.Status, answer.Contract, answer.MediaType);
        }

        foreach (var status in notes.Problems)
        {
            endpoint.Produces<Contracts.ProblemDocument>(status, KvHeaders.ProblemJson);
        }

        return endpoint;
    }
}
