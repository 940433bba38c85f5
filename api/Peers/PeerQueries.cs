using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RestKv.Api.Hosting;
using RestKv.Api.Http;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Api.Peers;

/// <summary>Answers what members and newcomers ask besides consensus.</summary>
internal sealed class PeerQueries(INode node, ReplicaMailbox mailbox)
{
    /// <summary>False when the path is none of these.</summary>
    public async Task<bool> TryServeAsync(HttpContext context, CancellationToken stop)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) && request.Path == PeerPaths.Members)
        {
            await WriteAsync(context, Roster(), PeerJsonContext.Default.PeerRoster, stop);
            return true;
        }

        if (HttpMethods.IsGet(request.Method) && request.Path == PeerPaths.Status)
        {
            await WriteAsync(context, Report(node), PeerJsonContext.Default.PeerReport, stop);
            return true;
        }

        if (HttpMethods.IsPost(request.Method) && request.Path == PeerPaths.Leader)
        {
            context.Response.StatusCode = TryHandOver(request) ? StatusCodes.Status202Accepted : StatusCodes.Status409Conflict;
            return true;
        }

        return false;
    }

    public static PeerReport Report(INode node)
    {
        var status = node.Status;
        var view = node.View;
        return new PeerReport
        {
            Role = status.Raft.Role.ToString().ToLowerInvariant(),
            Term = status.Raft.Term.Value,
            Leader = status.Raft.Leader.ToString(),
            CommitIndex = status.Raft.Committed.Value,
            AppliedIndex = status.Raft.Applied.Value,
            Rev = view.Revision,
            UsedBytes = view.BytesInUse,
            Ready = status.IsReady,
            Diverged = status.HasDiverged,
            Refused = status.Refused,
            Version = ProductVersion.Text,
        };
    }

    private PeerRoster Roster()
    {
        var status = node.Status;
        return new PeerRoster
        {
            Cluster = status.ClusterId.ToString("x", CultureInfo.InvariantCulture),
            Members = [.. status.Members.Members.Select(member => new PeerRosterEntry
            {
                Id = member.Id.ToString(),
                Name = member.Name,
                PeerUrls = member.PeerUrls,
                HasCome = member.StoreId != 0,
            })],
        };
    }

    private bool TryHandOver(HttpRequest request)
    {
        if (node.Status.Raft.Role != RaftRole.Leader
            || !long.TryParse(request.Query["to"], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var to))
        {
            return false;
        }

        mailbox.Post(ReplicaEvent.TransferLeadership(new NodeId(to)));
        return true;
    }

    private static async Task WriteAsync<T>(HttpContext context, T answer, JsonTypeInfo<T> type, CancellationToken stop)
    {
        context.Response.ContentType = KvHeaders.Json;
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer, type), stop);
    }
}
