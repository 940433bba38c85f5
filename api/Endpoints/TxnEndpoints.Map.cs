using RestKv.Api.Contracts;
using RestKv.Api.OpenApi;

namespace RestKv.Api.Endpoints;

/// <summary>Where transactions are found.</summary>
internal sealed partial class TxnEndpoints
{
    public void Map(RouteGroupBuilder v1) =>
        v1.MapPost("/txn", (Delegate)RunTransactionAsync).Describe(new OperationNotes
        {
            Id = "runTransaction",
            Tag = "Transactions",
            Summary = "Run a transaction",
            Description = "If all conditions hold the operations of `then` run, else those of `else`: in one step and one revision. "
                + "All conditions, nested ones too, are judged against the state before. A branch writes a key at most once.",
            Query = TxnQuery,
            Headers = [HeaderParameter.IdempotencyKey, HeaderParameter.Prefer],
            Body = typeof(TxnRequest),
            Answers =
            [
                Answer.Json<TxnResult>(200, "It ran; `succeeded` tells which branch."),
                Answer.Empty(204, "It ran; with `Prefer: return=minimal`."),
            ],
            Problems = [400, 403, 404, 406, 409, 410, 412, 413, 415, 422, 503, 504, 507],
            IsWrite = true,
        });
}
