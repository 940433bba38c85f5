using RestKv.Api.Contracts;
using RestKv.Api.Http;
using RestKv.Api.OpenApi;
using RestKv.Api.Security;

namespace RestKv.Api.Endpoints;

/// <summary>Where leases are found.</summary>
internal sealed partial class LeaseEndpoints
{
    private const string Tag = "Leases";

    public void Map(RouteGroupBuilder v1)
    {
        MapTable(v1);
        MapLife(v1);
    }

    private void MapTable(RouteGroupBuilder v1)
    {
        v1.MapPost("/leases", (Delegate)GrantLeaseAsync).Describe(new OperationNotes
        {
            Id = "grantLease",
            Tag = Tag,
            Summary = "Make a lease",
            Description = "Keys attached to a lease go away with it, all in one revision.",
            Query = WriteQuery,
            Headers = [HeaderParameter.IdempotencyKey],
            Body = typeof(LeaseGrantRequest),
            Answers = [Answer.Json<LeaseGrant>(201, "The lease lives.")],
            Problems = [400, 403, 406, 409, 413, 415, 422, 503, 504, 507],
            IsWrite = true,
        });
        v1.MapRead("/leases", ListLeasesAsync, new OperationNotes
        {
            Id = "listLeases",
            Tag = Tag,
            Summary = "List leases",
            Query = ListQuery,
            Answers = [Answer.Json<LeasePage>(200, "A page of leases.")],
            Problems = [400, 406, 503, 504],
        });
        v1.MapRead("/leases/{id}", GetLeaseAsync, new OperationNotes
        {
            Id = "getLease",
            Tag = Tag,
            Summary = "Look at a lease",
            Query = GetQuery,
            Answers = [Answer.Json<LeaseDetail>(200, "The lease.")],
            Problems = [400, 404, 406, 503, 504],
        });
        v1.MapDelete("/leases/{id}", RevokeLeaseAsync).Describe(new OperationNotes
        {
            Id = "revokeLease",
            Tag = Tag,
            Summary = "End a lease",
            Description = "Deletes its keys, all in one revision.",
            Query = WriteQuery,
            Headers = [HeaderParameter.IdempotencyKey],
            Answers = [Answer.Json<LeaseRevocation>(200, "The lease is gone.")],
            Problems = [400, 403, 404, 406, 409, 422, 503, 504],
            IsWrite = true,
        });
    }

    private void MapLife(RouteGroupBuilder v1)
    {
        v1.MapPost("/leases/{id}/keepalive", KeepLeaseAliveAsync).Describe(new OperationNotes
        {
            Id = "keepLeaseAlive",
            Tag = Tag,
            Summary = "Keep a lease alive",
            Query = WriteQuery,
            Headers = [HeaderParameter.IdempotencyKey],
            Answers = [Answer.Json<LeaseGrant>(200, "Its time starts anew.")],
            Problems = [400, 403, 404, 406, 409, 422, 503, 504],
            IsWrite = true,
        });
        v1.MapPost("/leases/keepalive", (Delegate)KeepLeasesAliveAsync).Describe(new OperationNotes
        {
            Id = "keepLeasesAlive",
            Tag = Tag,
            Summary = "Keep several leases alive",
            Description = "One round trip for all. Leases that do not exist are named in the answer, not an error.",
            Query = WriteQuery,
            Headers = [HeaderParameter.IdempotencyKey],
            Body = typeof(LeaseKeepAliveRequest),
            Answers = [Answer.Json<LeaseKeepAliveResult>(200, "What became of each.")],
            Problems = [400, 403, 406, 409, 413, 415, 422, 503, 504],
            IsWrite = true,
        });
        v1.MapGet("/leases/{id}/hold", HoldLeaseAsync).WithMetadata(ChangesState.Instance).Describe(new OperationNotes
        {
            Id = "holdLease",
            Tag = Tag,
            Summary = "Keep a lease alive as long as the connection",
            Description = "An event stream: `held` at once, `lost` when the lease is gone, `closing` when the member stops. "
                + "After the connection ends the lease lives for its ttl, or is revoked with `revokeOnClose=true`.",
            Query = HoldQuery,
            Answers = [Answer.Other(KvHeaders.EventStream, "The lease is held.", typeof(LeaseHoldEvent))],
            Problems = [400, 403, 404, 406, 503, 504],
            Events = ["held", "lost", "closing"],
        });
    }
}
