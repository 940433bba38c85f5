using RestKv.Api.Errors;

namespace RestKv.Api.Http;

/// <summary>For endpoints that answer in JSON and nothing else.</summary>
internal static class JsonOnly
{
    public static Problem? Check(HttpRequest request)
    {
        var accept = request.Headers.Accept;

        // What curl sends, and nothing at all: the common cases need no look at the grammar.
        if (accept.Count == 0 || (accept.Count == 1 && accept[0] == "*/*") || AcceptHeader.Accepts(accept, KvHeaders.Json))
        {
            return null;
        }

        return new Problem(ProblemCatalog.NotAcceptable, "the answer is application/json") { At = "Accept" };
    }
}
