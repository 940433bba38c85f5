using RestKv.Api.Contracts;
using RestKv.Api.OpenApi;
using RestKv.Api.Security.Auth;

namespace RestKv.Api.Endpoints;

/// <summary>Where probes look. HEAD is taken too, since some probes send nothing else.</summary>
internal sealed partial class HealthEndpoints
{
    private const string Tag = "Health";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/livez", GetLivenessAsync, new OperationNotes
        {
            Id = "getLiveness",
            Access = RouteAccess.Public,
            Tag = Tag,
            Summary = "Is the process alive?",
            Answers = [Answer.Other("text/plain", "It is.")],
            Problems = [400],
        });
        routes.MapRead("/readyz", GetReadinessAsync, new OperationNotes
        {
            Id = "getReadiness",
            Access = RouteAccess.Public,
            Tag = Tag,
            Summary = "Should traffic be sent here?",
            Query = ReadyQuery,
            Answers = [Answer.Other("text/plain", "It should.")],
            Problems = [400, 503],
        });
        routes.MapRead("/health", GetHealthAsync, new OperationNotes
        {
            Id = "getHealth",
            Access = RouteAccess.Public,
            Tag = Tag,
            Summary = "Health as etcd tells it",
            Query = HealthQuery,
            Answers = [Answer.Json<HealthReport>(200, "Healthy."), Answer.Json<HealthReport>(503, "Not healthy, and why.")],
            Problems = [400],
        });
        routes.MapRead("/version", GetVersionAsync, new OperationNotes
        {
            Id = "getVersion",
            Access = RouteAccess.Public,
            Tag = Tag,
            Summary = "Versions",
            Query = VersionQuery,
            Answers = [Answer.Json<VersionReport>(200, "The etcd version that is followed, and ours.")],
            Problems = [400],
        });
    }
}
