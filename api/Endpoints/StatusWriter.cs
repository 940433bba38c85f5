using System.Globalization;
using System.Text.Json;
using RestKv.Api.Http;
using RestKv.Api.Telemetry;
using RestKv.Raft;

namespace RestKv.Api.Endpoints;

/// <summary>`/v1/status`: this member, as it sees itself.</summary>
internal static class StatusWriter
{
    public static void Write(Utf8JsonWriter writer, ApiServices services)
    {
        var status = services.Node.Status;
        var view = services.Node.View;
        writer.WriteStartObject();
        writer.WriteString("member"u8, status.MemberId.ToString());
        writer.WriteString("name"u8, status.Name);
        writer.WriteString("cluster"u8, status.ClusterId.ToString("x", CultureInfo.InvariantCulture));
        writer.WriteString("version"u8, ProductVersion.Text);
        writer.WriteBoolean("ready"u8, status.IsReady);
        writer.WriteBoolean("diverged"u8, status.HasDiverged);
        if (status.Refused is { } refused)
        {
            writer.WriteString("refused"u8, refused);
        }

        writer.WriteBoolean("insecure"u8, services.Options.Insecure);
        WriteRaft(writer, status.Raft);
        writer.WriteNumber("rev"u8, view.Revision);
        writer.WriteNumber("compactedRev"u8, view.CompactedRevision);
        writer.WriteNumber("keys"u8, view.KeyCount);
        writer.WriteNumber("usedBytes"u8, view.BytesInUse);
        writer.WriteNumber("quotaBytes"u8, status.QuotaBytes);
        writer.WriteBoolean("full"u8, status.NoSpaceAlarm);
        writer.WriteNumber("memoryBytes"u8, view.MemoryBytes);
        writer.WriteNumber("walBytes"u8, DataDirectorySize.ReadLog(services.Options.DataDir));
        writer.WriteNumber("leases"u8, status.LeaseCount);
        writer.WriteNumber("watches"u8, services.Node.Watches.OpenCount);
        writer.WriteNumber("proposalsPending"u8, status.ProposalsPending);
        writer.WriteNumber("clusterTimeMs"u8, status.ClusterTimeMs);
        writer.WritePropertyName("limits"u8);
        LimitsWriter.Write(writer, services.Limits);
        writer.WriteEndObject();
    }

    private static void WriteRaft(Utf8JsonWriter writer, RaftStatus raft)
    {
        writer.WriteString("role"u8, raft.Role.ToString().ToLowerInvariant());
        writer.WriteNumber("term"u8, raft.Term.Value);
        if (!raft.Leader.IsNone)
        {
            writer.WriteString("leader"u8, raft.Leader.ToString());
        }

        writer.WriteNumber("lastIndex"u8, raft.Last.Value);
        writer.WriteNumber("persistedIndex"u8, raft.Persisted.Value);
        writer.WriteNumber("commitIndex"u8, raft.Committed.Value);
        writer.WriteNumber("appliedIndex"u8, raft.Applied.Value);
        writer.WriteStartArray("voters"u8);
        foreach (var voter in raft.Membership.Voters)
        {
            writer.WriteStringValue(voter.ToString());
        }

        writer.WriteEndArray();
    }
}
