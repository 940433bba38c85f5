using System.Collections.Immutable;
using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Hosting;
using RestKv.Api.Http;
using RestKv.Api.Validation;
using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Raft;

namespace RestKv.Api.Endpoints;

/// <summary>`/v1/members`: who belongs to the cluster.</summary>
internal sealed partial class MemberEndpoints(ApiServices services)
{
    private static readonly QuerySpec ReadQuery = new(
        Parameters.Consistency, Parameters.MinRevision, Parameters.Timeout, Parameters.JsonFormat, Parameters.Pretty);

    private static readonly QuerySpec WriteQuery = new(
        Parameters.DryRun, Parameters.Timeout, Parameters.JsonFormat, Parameters.Pretty);

    private readonly MemberAddValidator _addValidator = new();
    private readonly MemberReplaceValidator _replaceValidator = new();
    private readonly MemberUpdateValidator _updateValidator = new();

    private async Task ListMembersAsync(HttpContext context)
    {
        if (await ReadAsync(context) is not { } pretty)
        {
            return;
        }

        var status = services.Node.Status;
        using var reply = JsonReply.Rent(pretty);
        MemberWriter.WriteList(reply.Writer, status);
        await Reply.SendAsync(context, reply);
    }

    private async Task GetMemberAsync(HttpContext context, string id)
    {
        if (await ReadAsync(context) is not { } pretty)
        {
            return;
        }

        var status = services.Node.Status;
        if (Find(status, id) is not { } member)
        {
            await ResultMapping.MemberNotFound().WriteAsync(context);
            return;
        }

        using var reply = JsonReply.Rent(pretty);
        MemberWriter.Write(reply.Writer, member, status.Raft.Membership);
        await Reply.SendAsync(context, reply);
    }

    private async Task AddMemberAsync(HttpContext context)
    {
        if (await JsonCommand<MemberAddRequest>.ReadAsync(
            context, services.Limits, WriteQuery, RestKvJsonContext.Default.MemberAddRequest, _addValidator)
            is not { Body: var body, Options: var options })
        {
            return;
        }

        var wanted = body.Learner == true ? MemberRole.Learner : MemberRole.Voter;
        var add = new Command.MemberAdd(NodeId.None, body.Name!, Normal(body.PeerUrls!), wanted, NodeId.None);
        if (await ChangeAsync(context, add, options) is { } member)
        {
            LocateAt(context, "members", member.Id);
            await AnswerAsync(context, member, options, StatusCodes.Status201Created);
        }
    }

    private async Task UpdateMemberAsync(HttpContext context, string id)
    {
        if (await JsonCommand<MemberUpdateRequest>.ReadAsync(
            context, services.Limits, WriteQuery, RestKvJsonContext.Default.MemberUpdateRequest, _updateValidator)
            is not { Body: var body, Options: var options } || await ResolveAsync(context, id) is not { } member)
        {
            return;
        }

        await ChangeAndAnswerAsync(context, new Command.MemberUpdate(member.Id, Normal(body.PeerUrls!)), options);
    }

    private Task PromoteMemberAsync(HttpContext context, string id) =>
        ChangeAsync(context, id, member => new Command.MemberPromote(member.Id));

    private Task RemoveMemberAsync(HttpContext context, string id) =>
        ChangeAsync(context, id, member => new Command.MemberRemove(member.Id));

    private async Task ReplaceMemberAsync(HttpContext context, string id)
    {
        if (await JsonCommand<MemberReplaceRequest>.ReadAsync(
            context, services.Limits, WriteQuery, RestKvJsonContext.Default.MemberReplaceRequest, _replaceValidator)
            is not { Body: var body, Options: var options } || await ResolveAsync(context, id) is not { } old)
        {
            return;
        }

        var urls = body.PeerUrls is null ? old.PeerUrls : Normal(body.PeerUrls);
        var add = new Command.MemberAdd(NodeId.None, body.Name ?? old.Name, urls, MemberRole.Voter, old.Id);
        if (await ChangeAsync(context, add, options) is { } member)
        {
            LocateAt(context, "operations", member.Id);
            await AnswerAsync(context, member, options, StatusCodes.Status202Accepted);
        }
    }

    private async Task GetOperationAsync(HttpContext context, string id)
    {
        if (await ReadAsync(context) is not { } pretty)
        {
            return;
        }

        var status = services.Node.Status;
        if (Find(status, id) is not { Replaces.IsNone: false } member)
        {
            await new Problem(ProblemCatalog.OperationNotFound, "an operation has the id of the member that it brings in")
                .WriteAsync(context);
            return;
        }

        using var reply = JsonReply.Rent(pretty);
        MemberWriter.WriteOperation(reply.Writer, member, status);
        await Reply.SendAsync(context, reply);
    }

    private async Task ChangeAsync(HttpContext context, string id, Func<Member, Command.MemberChange> change)
    {
        var query = QueryReader.Read(context, WriteQuery);
        var options = WriteOptions.Read(context, ref query);
        if ((query.Problem ?? JsonOnly.Check(context.Request)) is { } problem)
        {
            await problem.WriteAsync(context);
            return;
        }

        if (await ResolveAsync(context, id) is { } member)
        {
            await ChangeAndAnswerAsync(context, change(member), options);
        }
    }

    private async Task ChangeAndAnswerAsync(HttpContext context, Command.MemberChange change, WriteOptions options)
    {
        if (await ChangeAsync(context, change, options) is { } member)
        {
            await AnswerAsync(context, member, options, StatusCodes.Status200OK);
        }
    }

    /// <summary>Makes the change, or, in a dry run, judges it; the member as it was before or is after, whichever exists.</summary>
    private async Task<MemberChanged?> ChangeAsync(HttpContext context, Command.MemberChange change, WriteOptions options)
    {
        if (IsDryRun(context))
        {
            return await JudgeAsync(context, change, options);
        }

        var before = services.Node.Status.Members;
        var reply = await WriteGate.SubmitAsync(context, services, change, options);
        if (reply.Problem is not null)
        {
            await reply.Problem.WriteAsync(context);
            return null;
        }

        var id = reply.Result is OperationResult.MemberChanged changed ? changed.Id : NodeId.None;
        return MemberChanged.Of(before, services.Node.Status.Members, id);
    }

    /// <summary>
    /// Asks whoever would make the change what it would say: only the leader knows who is heard of. The question takes the way
    /// of a write and changes nothing; a key that the real call may come with stays unused.
    /// </summary>
    private async Task<MemberChanged?> JudgeAsync(HttpContext context, Command.MemberChange change, WriteOptions options)
    {
        var reply = await WriteGate.SubmitAsync(
            context, services, new Command.MemberDryRun(change), options with { IdempotencyKey = null });
        if (reply.Problem is not null)
        {
            await reply.Problem.WriteAsync(context);
            return null;
        }

        var before = services.Node.Status.Members;
        var after = before;
        var result = MemberChanges.Apply(change, services.Node.View.Revision, ref after, _ => MemberChanged.NotYet);
        if (ResultMapping.ToProblem(result) is { } refusal)
        {
            await refusal.WriteAsync(context);
            return null;
        }

        return MemberChanged.Of(before, after, ((OperationResult.MemberChanged)result).Id);
    }

    private async Task AnswerAsync(HttpContext context, MemberChanged changed, WriteOptions options, int status)
    {
        using var reply = JsonReply.Rent(options.Pretty);
        var isDryRun = IsDryRun(context);
        MemberWriter.WriteChange(reply.Writer, changed, services.Node.Status.Raft.Membership, isDryRun);
        await Reply.SendAsync(context, reply, isDryRun ? StatusCodes.Status200OK : status);
    }

    /// <summary>Reads as fresh as asked; the wish for indentation, or null when a problem was written.</summary>
    private async Task<bool?> ReadAsync(HttpContext context)
    {
        var query = QueryReader.Read(context, ReadQuery);
        query.Choice(Parameters.JsonFormat);
        var options = new ReadOptions(
            query.Choice(Parameters.Consistency) == 1,
            query.Integer(Parameters.MinRevision, 0, ProblemCatalog.BadRevision),
            0,
            ReadOptions.TimeoutOf(ref query));
        var pretty = query.Flag(Parameters.Pretty);
        var problem = query.Problem ?? JsonOnly.Check(context.Request);
        problem ??= (await ReadGate.ReadAsync(services.Node, options)).Problem;
        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return null;
        }

        context.Response.Headers.CacheControl = KvHeaders.NoStore;
        return pretty;
    }

    /// <summary>The query has been judged by then.</summary>
    private static bool IsDryRun(HttpContext context) => QueryReader.Read(context, WriteQuery).Flag(Parameters.DryRun);

    private async Task<Member?> ResolveAsync(HttpContext context, string id)
    {
        if (Find(services.Node.Status, id) is { } member)
        {
            return member;
        }

        // It may have been taken in a moment ago, by a write that this member has not applied yet.
        await ReadGate.ReadAsync(services.Node, new ReadOptions(false, 0, 0, TimeSpan.FromSeconds(HttpLimits.TimeoutSecondsDefault)));
        if (Find(services.Node.Status, id) is { } found)
        {
            return found;
        }

        await ResultMapping.MemberNotFound().WriteAsync(context);
        return null;
    }

    private static Member? Find(NodeStatus status, string text) =>
        status.Members.Members.FirstOrDefault(member => member.Id.ToString() == text)
        ?? status.Members.Members.LastOrDefault(member => member.Name == text);

    private static void LocateAt(HttpContext context, string collection, NodeId id)
    {
        if (id != MemberChanged.NotYet)
        {
            context.Response.Headers.Location = $"/v1/{collection}/{id}";
        }
    }

    /// <summary>One spelling for one address.</summary>
    private static ImmutableArray<string> Normal(IReadOnlyList<string> urls) =>
        [.. urls.Select(url => new Uri(url).GetLeftPart(UriPartial.Authority)).Distinct()];
}
