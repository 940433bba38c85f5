using RestKv.Api.Contracts;
using RestKv.Api.OpenApi;
using RestKv.Api.Security.Auth;

namespace RestKv.Api.Endpoints;

/// <summary>Where maintenance is found.</summary>
internal sealed partial class MaintenanceEndpoints
{
    private const string Tag = "Maintenance";

    public void Map(RouteGroupBuilder v1)
    {
        v1.MapPost("/compact", (Delegate)CompactAsync).Describe(new OperationNotes
        {
            Id = "compact",
            Access = RouteAccess.Admin,
            Tag = Tag,
            Summary = "Give up history",
            Description = "Everything before the revision. What is given up already is no error. Nothing stops meanwhile.",
            Query = ReadQuery,
            Headers = [HeaderParameter.IdempotencyKey],
            Body = typeof(CompactRequest),
            Answers = [Answer.Json<CompactResult>(200, "Where history begins now.")],
            Problems = [400, 403, 406, 409, 413, 415, 422, 503, 504],
            IsWrite = true,
        });
        v1.MapRead("/retention", GetRetentionAsync, new OperationNotes
        {
            Id = "getRetention",
            Tag = Tag,
            Summary = "Show how much history is kept",
            Query = ReadQuery,
            Answers = [Answer.Json<RetentionPolicy>(200, "The policy.")],
            Problems = [400, 406],
        });
        v1.MapPut("/retention", (Delegate)SetRetentionAsync).Describe(new OperationNotes
        {
            Id = "setRetention",
            Access = RouteAccess.Admin,
            Tag = Tag,
            Summary = "Set how much history is kept",
            Query = ReadQuery,
            Headers = [HeaderParameter.IdempotencyKey],
            Body = typeof(RetentionRequest),
            Answers = [Answer.Json<RetentionPolicy>(200, "The policy now.")],
            Problems = [400, 403, 406, 409, 413, 415, 422, 503, 504],
            IsWrite = true,
        });
        MapFacts(v1);
    }

    private void MapFacts(RouteGroupBuilder v1)
    {
        v1.MapRead("/limits", GetLimitsAsync, new OperationNotes
        {
            Id = "getLimits",
            Tag = Tag,
            Summary = "Show the limits",
            Query = ReadQuery,
            Answers = [Answer.Json<IReadOnlyDictionary<string, long>>(200, "Every limit, its unit in its name.")],
            Problems = [400, 406],
        });
        v1.MapRead("/quota", GetQuotaAsync, new OperationNotes
        {
            Id = "getQuota",
            Tag = Tag,
            Summary = "Show how full the store is",
            Query = ReadQuery,
            Answers = [Answer.Json<QuotaReport>(200, "Bytes.")],
            Problems = [400, 406],
        });
        v1.MapRead("/status", GetStatusAsync, new OperationNotes
        {
            Id = "getStatus",
            Tag = Tag,
            Summary = "Show this member",
            Query = ReadQuery,
            Answers = [Answer.Json<MemberStatus>(200, "The member, as it sees itself.")],
            Problems = [400, 406],
        });
    }
}
