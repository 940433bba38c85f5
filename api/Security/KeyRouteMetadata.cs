namespace RestKv.Api.Security;

/// <summary>Endpoint metadata: the endpoint takes its key from the raw target of this route and is reachable by no other path.</summary>
internal sealed record KeyRouteMetadata(KeyRoute Route);
