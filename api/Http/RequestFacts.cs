using Microsoft.Extensions.Primitives;
using RestKv.Api.Security;
using RestKv.Api.Security.Auth;

namespace RestKv.Api.Http;

/// <summary>
/// What the gate learnt about a request before routing, and what became of it since. One per request, owned by the
/// request's own flow of control.
/// </summary>
internal sealed class RequestFacts
{
    private const int RequestIdLengthMax = 64;

    private string? _requestId;

    public KeyRoute Route { get; init; }

    /// <summary>The key of a key route, decoded once from the raw request target; never changes.</summary>
    public byte[] Key { get; init; } = [];

    /// <summary>The raw path of the target, escapes and all.</summary>
    public ReadOnlyMemory<char> RawPath { get; init; }

    /// <summary>The raw query without its question mark.</summary>
    public ReadOnlyMemory<char> RawQuery { get; init; }

    /// <summary>Who asks; nobody while authentication is off.</summary>
    public Principal Principal { get; set; } = Principal.Nobody;

    /// <summary>True once a command was handed to the replica: from then on a lost answer means an unknown outcome.</summary>
    public bool IsSubmitted { get; set; }

    /// <summary>True once an answer was chosen, also when it has no body to show for it.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>What metrics call a request that is answered before routing: one of few names, never the path as it came.</summary>
    public string? Operation { get; set; }

    /// <summary>Lasts as long as its reader wants, so that its length says nothing about speed.</summary>
    public bool IsStream { get; set; }

    public static RequestFacts Of(HttpContext context) =>
        context.Features.Get<RequestFacts>() ?? throw new InvalidOperationException("The request gate did not run.");

    /// <summary>The client's own Request-Id if it is fit to be repeated, else one of ours.</summary>
    public string RequestId(HttpContext context)
    {
        if (_requestId is null)
        {
            var given = context.Request.Headers[KvHeaders.RequestId];
            _requestId = IsFit(given) ? given.ToString() : context.TraceIdentifier;
        }

        return _requestId;
    }

    private static bool IsFit(StringValues given)
    {
        if (given.Count != 1 || given[0] is not { Length: > 0 and <= RequestIdLengthMax } text)
        {
            return false;
        }

        return !text.AsSpan().ContainsAnyExceptInRange('!', '~');
    }
}
