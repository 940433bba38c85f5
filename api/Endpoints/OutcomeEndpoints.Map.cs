using RestKv.Api.Contracts;
using RestKv.Api.OpenApi;

namespace RestKv.Api.Endpoints;

/// <summary>Where outcomes are found.</summary>
internal sealed partial class OutcomeEndpoints
{
    private const string Tag = "Outcomes";

    public void Map(RouteGroupBuilder v1)
    {
        v1.MapRead("/outcomes/{key}", GetOutcomeAsync, new OperationNotes
        {
            Id = "getOutcome",
            Tag = Tag,
            Summary = "Ask what became of a write",
            Description = "By its Idempotency-Key. 404 means: not applied so far; `knownFrom` in the problem tells how far back that is "
                + "known, without it since the store began.",
            Query = Query,
            Answers = [Answer.Json<WriteOutcome>(200, "It is settled.")],
            Problems = [400, 404, 406, 503, 504],
        });
        v1.MapDelete("/outcomes/{key}", (Delegate)SettleOutcomeAsync).Describe(new OperationNotes
        {
            Id = "settleOutcome",
            Tag = Tag,
            Summary = "Settle what became of a write",
            Description = "If it was not applied so far it never will be: a late arrival is refused.",
            Query = Query,
            Answers = [Answer.Json<WriteOutcome>(200, "It is settled.")],
            Problems = [400, 403, 406, 503, 504],
            IsWrite = true,
        });
    }
}
