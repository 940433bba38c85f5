using RestKv.Api.Contracts;
using RestKv.Api.OpenApi;
using RestKv.Api.Security.Auth;

namespace RestKv.Api.Endpoints;

/// <summary>Where members are found.</summary>
internal sealed partial class MemberEndpoints
{
    private const string Tag = "Members";

    public void Map(RouteGroupBuilder v1)
    {
        MapReads(v1);
        v1.MapPost("/members", (Delegate)AddMemberAsync).Describe(Change(
            "addMember", "Take a member in",
            "It receives everything as a learner first and, unless `learner` is true, votes as soon as it has caught up: a "
            + "wrong or unreachable address costs nothing. Start the new process with --initial-cluster-state existing.") with
        {
            Body = typeof(MemberAddRequest),
            Answers = [
                Answer.Json<MemberChangeResult>(201, "It belongs to the cluster."),
                Answer.Json<MemberChangeResult>(200, "It would (dryRun).")],
            Problems = [400, 403, 406, 409, 413, 415, 422, 503, 504],
        });
        v1.MapPatch("/members/{id}", (Delegate)UpdateMemberAsync).Describe(Change(
            "updateMember", "Change the addresses of a member", "By id or name.") with
        {
            Body = typeof(MemberUpdateRequest),
            Answers = [Answer.Json<MemberChangeResult>(200, "The member now.")],
            Problems = [400, 403, 404, 406, 409, 413, 415, 422, 503, 504],
        });
        v1.MapDelete("/members/{id}", (Delegate)RemoveMemberAsync).Describe(Change(
            "removeMember", "Send a member away for ever",
            "By id or name. Refused when the voters that are heard of would be no majority of those left. Its id is never given again.") with
        {
            Answers = [Answer.Json<MemberChangeResult>(200, "It goes.")],
            Problems = [400, 403, 404, 406, 409, 422, 503, 504],
        });
        v1.MapPost("/members/{id}/promote", (Delegate)PromoteMemberAsync).Describe(Change(
            "promoteMember", "Let a learner vote", "By id or name; it must have caught up.") with
        {
            Answers = [Answer.Json<MemberChangeResult>(200, "It votes, or will within a moment.")],
            Problems = [400, 403, 404, 406, 409, 422, 503, 504],
        });
        v1.MapPost("/members/{id}/replace", (Delegate)ReplaceMemberAsync).Describe(Change(
            "replaceMember", "Put a new member in the place of another",
            "The new one learns, then votes, then the old one goes: one call, and never fewer voters than before.") with
        {
            Body = typeof(MemberReplaceRequest),
            Answers = [
                Answer.Json<MemberChangeResult>(202, "Under way; Location tells where to look."),
                Answer.Json<MemberChangeResult>(200, "It would be (dryRun).")],
            Problems = [400, 403, 404, 406, 409, 413, 415, 422, 503, 504],
        });
    }

    private void MapReads(RouteGroupBuilder v1)
    {
        v1.MapRead("/members", ListMembersAsync, new OperationNotes
        {
            Id = "listMembers",
            Tag = Tag,
            Summary = "List the members",
            Query = ReadQuery,
            Answers = [Answer.Json<MemberPage>(200, "All members.")],
            Problems = [400, 406, 503, 504],
        });
        v1.MapRead("/members/{id}", GetMemberAsync, new OperationNotes
        {
            Id = "getMember",
            Tag = Tag,
            Summary = "Look at a member",
            Description = "By id or name.",
            Query = ReadQuery,
            Answers = [Answer.Json<MemberEntry>(200, "The member.")],
            Problems = [400, 404, 406, 503, 504],
        });
        v1.MapRead("/operations/{id}", GetOperationAsync, new OperationNotes
        {
            Id = "getOperation",
            Tag = Tag,
            Summary = "See how far an operation is",
            Query = ReadQuery,
            Answers = [Answer.Json<OperationReport>(200, "Its state.")],
            Problems = [400, 404, 406, 503, 504],
        });
    }

    private static OperationNotes Change(string id, string summary, string description) => new()
    {
        Id = id,
        Tag = Tag,
        Summary = summary,
        Description = description,
        Query = WriteQuery,
        Headers = [HeaderParameter.IdempotencyKey],
        IsWrite = true,
        Access = RouteAccess.Admin,
    };
}
