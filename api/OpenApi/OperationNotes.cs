using RestKv.Api.Http;
using RestKv.Api.Security.Auth;

namespace RestKv.Api.OpenApi;

/// <summary>
/// What the OpenAPI document says about an operation that its handler's signature cannot: handlers read requests themselves,
/// strictly. Endpoint metadata, read by <see cref="OperationTransformer"/>.
/// </summary>
internal sealed record OperationNotes
{
    public required string Id { get; init; }

    public required string Tag { get; init; }

    public required string Summary { get; init; }

    public string? Description { get; init; }

    public QuerySpec Query { get; init; } = new();

    public IReadOnlyList<HeaderParameter> Headers { get; init; } = [];

    /// <summary>True when the body is the value itself, of any media type.</summary>
    public bool TakesValue { get; init; }

    /// <summary>The contract of a JSON body.</summary>
    public Type? Body { get; init; }

    public IReadOnlyList<Answer> Answers { get; init; } = [];

    /// <summary>Statuses of the problems that are this operation's own; the ones every operation has are added.</summary>
    public IReadOnlyList<int> Problems { get; init; } = [];

    /// <summary>Names of the events of an event stream.</summary>
    public IReadOnlyList<string> Events { get; init; } = [];

    public bool IsWrite { get; init; }

    /// <summary>What the route asks of whoever calls it while authentication is on.</summary>
    public RouteAccess Access { get; init; } = RouteAccess.Identity;
}
