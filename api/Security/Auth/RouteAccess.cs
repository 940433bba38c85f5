namespace RestKv.Api.Security.Auth;

/// <summary>What a route asks of whoever calls it, before its handler asks for rights on keys.</summary>
internal enum RouteAccess : byte
{
    /// <summary>Nothing: probes, and what leads to a login.</summary>
    Public = 0,

    /// <summary>To be somebody. Rights on keys are judged where the keys are known.</summary>
    Identity = 1,

    /// <summary>To be somebody who may read anything, or to come from this machine: facts that monitoring wants.</summary>
    Reader = 2,

    /// <summary>To run the cluster.</summary>
    Admin = 3,
}

/// <summary>Endpoint metadata. Every route states its access.</summary>
internal sealed record RouteAccessMetadata(RouteAccess Access)
{
    /// <summary>Public as a probe sends it; details are for readers.</summary>
    public const string DetailParameter = "verbose";

    /// <remarks>What is escaped may be the same word.</remarks>
    public RouteAccess For(ReadOnlySpan<char> query) =>
        Access == RouteAccess.Public && (query.Contains(DetailParameter, StringComparison.Ordinal) || query.Contains('%'))
            ? RouteAccess.Reader
            : Access;
}
