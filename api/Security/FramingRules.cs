using RestKv.Api.Errors;

namespace RestKv.Api.Security;

/// <summary>
/// Refuses requests whose length two parsers could read differently: the start of request smuggling. Kestrel lets some of
/// them pass, so what it noted is looked at again here.
/// </summary>
internal static class FramingRules
{
    /// <summary>Kestrel moves a Content-Length that stands beside Transfer-Encoding here.</summary>
    private const string SetAsideContentLength = "X-Content-Length";

    public static Problem? Check(HttpRequest request)
    {
        var headers = request.Headers;
        var transferEncoding = headers.TransferEncoding;
        if (transferEncoding.Count > 0)
        {
            if (HttpProtocol.IsHttp10(request.Protocol))
            {
                return Ambiguous("HTTP/1.0 has no transfer codings");
            }

            if (headers.ContentLength is not null || headers.ContainsKey(SetAsideContentLength))
            {
                return Ambiguous("Content-Length and Transfer-Encoding are both there");
            }

            if (!string.Equals(transferEncoding.ToString(), "chunked", StringComparison.OrdinalIgnoreCase))
            {
                return Ambiguous("the only transfer coding taken is \"chunked\"");
            }

            request.HttpContext.Features.Get<ChunkGuard>()?.BodyStarts();
        }

        var expect = headers.Expect;
        if (expect.Count > 0 && !string.Equals(expect.ToString(), "100-continue", StringComparison.OrdinalIgnoreCase))
        {
            return new Problem(ProblemCatalog.BadRequest, "the only expectation that can be met is 100-continue")
            {
                Status = StatusCodes.Status417ExpectationFailed,
                At = "Expect",
            };
        }

        return null;
    }

    private static Problem Ambiguous(string detail) =>
        new(ProblemCatalog.AmbiguousFraming, detail) { ClosesConnection = true };
}
