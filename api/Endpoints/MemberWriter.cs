using System.Text.Json;
using RestKv.Api.Hosting;
using RestKv.Core.Members;
using RestKv.Raft;

namespace RestKv.Api.Endpoints;

/// <summary>Members as JSON.</summary>
internal static class MemberWriter
{
    public static void WriteList(Utf8JsonWriter writer, NodeStatus status)
    {
        var present = status.Raft.Membership;
        writer.WriteStartObject();
        writer.WriteStartArray("members"u8);
        foreach (var member in status.Members.Members)
        {
            Write(writer, member, present);
        }

        writer.WriteEndArray();
        writer.WriteNumber("quorum"u8, present.Quorum);
        writer.WriteNumber("voters"u8, present.Voters.Length);
        if (!status.Raft.Leader.IsNone)
        {
            writer.WriteString("leader"u8, status.Raft.Leader.ToString());
        }

        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, Member member, Membership present)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, member.Id.ToString());
        WriteFacts(writer, member, present);
        writer.WriteEndObject();
    }

    public static void WriteChange(Utf8JsonWriter writer, MemberChanged changed, Membership present, bool isDryRun)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("member"u8);
        if (changed.Id != MemberChanged.NotYet)
        {
            writer.WriteString("id"u8, changed.Id.ToString());
        }

        if (changed.Member is { } member)
        {
            WriteFacts(writer, member, present);
        }

        writer.WriteEndObject();
        writer.WriteStartObject("quorum"u8);
        writer.WriteNumber("before"u8, changed.QuorumBefore);
        writer.WriteNumber("after"u8, changed.QuorumAfter);
        writer.WriteEndObject();
        if (isDryRun)
        {
            writer.WriteBoolean("dryRun"u8, true);
        }

        writer.WriteEndObject();
    }

    public static void WriteOperation(Utf8JsonWriter writer, Member member, NodeStatus status)
    {
        var present = status.Raft.Membership;
        var isOldHere = status.Members.Find(member.Replaces) is not null || present.Contains(member.Replaces);
        writer.WriteStartObject();
        writer.WriteString("id"u8, member.Id.ToString());
        writer.WriteString("kind"u8, "replace-member"u8);
        writer.WriteString(
            "state"u8,
            present.IsVoter(member.Id) ? isOldHere ? "removing"u8 : "done"u8
            : present.IsLearner(member.Id) ? "catching-up"u8 : "joining"u8);
        writer.WriteString("member"u8, member.Id.ToString());
        writer.WriteString("replaces"u8, member.Replaces.ToString());
        foreach (var peer in status.Raft.Peers)
        {
            if (peer.Id == member.Id)
            {
                writer.WriteNumber("matchIndex"u8, peer.Match.Value);
                writer.WriteNumber("lastIndex"u8, status.Raft.Last.Value);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteFacts(Utf8JsonWriter writer, Member member, Membership present)
    {
        writer.WriteString("name"u8, member.Name);
        WriteUrls(writer, "peerUrls"u8, member.PeerUrls);
        WriteUrls(writer, "clientUrls"u8, member.ClientUrls);
        var role = present.IsVoter(member.Id) ? "voter"u8 : present.IsLearner(member.Id) ? "learner"u8 : "joining"u8;
        writer.WriteString("role"u8, role);
        var wanted = member.Wanted == MemberRole.Voter ? "voter"u8 : "learner"u8;
        if (!role.SequenceEqual(wanted))
        {
            writer.WriteString("wanted"u8, wanted);
        }

        if (!member.Replaces.IsNone)
        {
            writer.WriteString("replaces"u8, member.Replaces.ToString());
        }
    }

    public static void WriteUrls(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<string> urls)
    {
        writer.WriteStartArray(name);
        foreach (var url in urls)
        {
            writer.WriteStringValue(url);
        }

        writer.WriteEndArray();
    }
}
