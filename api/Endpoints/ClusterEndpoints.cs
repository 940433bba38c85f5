using System.Globalization;
using System.Text.Json;
using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Api.OpenApi;
using RestKv.Api.Peers;
using RestKv.Api.Security.Auth;
using RestKv.Api.Validation;
using RestKv.Core.Members;

namespace RestKv.Api.Endpoints;

/// <summary>`/v1/cluster`: all members as they are now, and who of them leads.</summary>
internal sealed class ClusterEndpoints(ApiServices services, ClusterProbe probe)
{
    private const string Tag = "Members";

    private static readonly QuerySpec Query = new(Parameters.Timeout, Parameters.JsonFormat, Parameters.Pretty);

    private readonly LeaderValidator _validator = new();

    public void Map(RouteGroupBuilder v1)
    {
        v1.MapRead("/cluster", GetClusterAsync, new OperationNotes
        {
            Id = "getCluster",
            Tag = Tag,
            Summary = "Show all members as they are now",
            Description = "The member that is asked asks all others; one that does not answer within a second is shown as not reachable.",
            Query = Query,
            Answers = [Answer.Json<ClusterReport>(200, "What they said.")],
            Problems = [400, 406],
        });
        v1.MapPost("/cluster/leader", (Delegate)ChangeLeaderAsync).Describe(new OperationNotes
        {
            Id = "changeLeader",
            Access = RouteAccess.Admin,
            Tag = Tag,
            Summary = "Hand leadership to another member",
            Description = "The leader lets the other one catch up and stand; requests meanwhile wait a moment. When that comes to nothing, "
                + "it is tried again until the timeout.",
            Query = Query,
            Body = typeof(LeaderRequest),
            Answers = [Answer.Json<LeaderResult>(200, "It leads.")],
            Problems = [400, 403, 404, 406, 409, 413, 415, 503, 504],
            IsWrite = true,
        });
    }

    private async Task GetClusterAsync(HttpContext context)
    {
        var query = QueryReader.Read(context, Query);
        var options = WriteOptions.Read(context, ref query);
        if ((query.Problem ?? JsonOnly.Check(context.Request)) is { } problem)
        {
            await problem.WriteAsync(context);
            return;
        }

        var members = await probe.AskAllAsync(context.RequestAborted);
        using var reply = JsonReply.Rent(options.Pretty);
        Write(reply.Writer, members);
        context.Response.Headers.CacheControl = KvHeaders.NoStore;
        await Reply.SendAsync(context, reply);
    }

    private async Task ChangeLeaderAsync(HttpContext context)
    {
        if (await JsonCommand<LeaderRequest>.ReadAsync(
            context, services.Limits, Query, RestKvJsonContext.Default.LeaderRequest, _validator)
            is not { Body: var body, Options: var options })
        {
            return;
        }

        var status = services.Node.Status;
        var member = status.Members.Members.FirstOrDefault(known => known.Id.ToString() == body.Member || known.Name == body.Member);
        var problem = member is null ? ResultMapping.MemberNotFound()
            : !status.Raft.Membership.IsVoter(member.Id)
                ? new Problem(ProblemCatalog.LearnerNotReady, "only a voter can lead; promote it first")
            : status.Raft.Leader.IsNone ? ResultMapping.NoLeader() : null;
        if (problem is null && !await probe.HandOverAsync(member!.Id, options.Timeout, context.RequestAborted))
        {
            problem = new Problem(ProblemCatalog.TimedOut, "the member does not lead yet; it may be too far behind or not reachable");
        }

        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return;
        }

        using var reply = JsonReply.Rent(options.Pretty);
        reply.Writer.WriteStartObject();
        reply.Writer.WriteString("leader"u8, member!.Id.ToString());
        reply.Writer.WriteEndObject();
        await Reply.SendAsync(context, reply);
    }

    private void Write(Utf8JsonWriter writer, IReadOnlyList<ProbedMember> members)
    {
        var status = services.Node.Status;
        var present = status.Raft.Membership;
        var committed = members.Max(member => member.Report?.CommitIndex) ?? 0;
        var leaders = members.Count(member => member.Report is { Role: "leader" });
        var isHealthy = leaders == 1 && members.All(member =>
            member.Report is { Diverged: false, Refused: null } || !present.IsVoter(member.Member.Id));
        writer.WriteStartObject();
        writer.WriteString("cluster"u8, status.ClusterId.ToString("x", CultureInfo.InvariantCulture));
        if (!status.Raft.Leader.IsNone)
        {
            writer.WriteString("leader"u8, status.Raft.Leader.ToString());
        }

        writer.WriteNumber("quorum"u8, present.Quorum);
        writer.WriteBoolean("healthy"u8, isHealthy);
        writer.WriteStartArray("members"u8);
        foreach (var member in members)
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, member.Member.Id.ToString());
            writer.WriteString("name"u8, member.Member.Name);
            MemberWriter.WriteUrls(writer, "peerUrls"u8, member.Member.PeerUrls);
            MemberWriter.WriteUrls(writer, "clientUrls"u8, member.Member.ClientUrls);
            writer.WriteString("role"u8, member.Report?.Role ?? (member.Member.Wanted == MemberRole.Voter ? "voter" : "learner"));
            writer.WriteBoolean("reachable"u8, member.Report is not null);
            if (member.Report is { } report)
            {
                Write(writer, report, member.Took, committed);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, PeerReport report, TimeSpan took, long committed)
    {
        writer.WriteNumber("latencyMs"u8, Math.Round(took.TotalMilliseconds, 3));
        writer.WriteNumber("term"u8, report.Term);
        writer.WriteNumber("commitIndex"u8, report.CommitIndex);
        writer.WriteNumber("appliedIndex"u8, report.AppliedIndex);
        writer.WriteNumber("lag"u8, Math.Max(0, committed - report.AppliedIndex));
        writer.WriteNumber("rev"u8, report.Rev);
        writer.WriteNumber("usedBytes"u8, report.UsedBytes);
        writer.WriteBoolean("ready"u8, report.Ready);
        writer.WriteBoolean("diverged"u8, report.Diverged);
        if (report.Refused is { } refused)
        {
            writer.WriteString("refused"u8, refused);
        }

        writer.WriteString("version"u8, report.Version);
    }
}
