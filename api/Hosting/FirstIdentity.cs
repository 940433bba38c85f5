using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using RestKv.Api.Peers;
using RestKv.Core.Members;
using RestKv.Raft;
using RestKv.Storage;

namespace RestKv.Api.Hosting;

/// <summary>
/// What an empty data directory becomes. Members that were listed draw their ids from the list, the same on each of them
/// whatever the order of start. A member that was told nothing is a cluster of its own and draws at random: two stores made
/// with the same settings are two stores, and a cursor or an event id of one means nothing to the other.
/// </summary>
internal static class FirstIdentity
{
    public static FreshStore Of(NodeOptions options)
    {
        var self = options.InitialCluster.FirstOrDefault(member => member.Name == options.Name)
            ?? throw new DataDirectoryException($"--initial-cluster does not name this member, \"{options.Name}\"");
        var salt = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
        if (!options.IsInitialClusterGiven && options.InitialCluster.Count == 1)
        {
            var member = new NodeId(RandomId());
            return new FreshStore(new ClusterId(RandomId()), member, new Membership([member], []), salt);
        }

        var cluster = new ClusterId(IdOf($"cluster {options.InitialClusterToken}|{ListText(options)}"));
        var voters = options.InitialCluster.Select(member => MemberId(options, member));
        return new FreshStore(cluster, MemberId(options, self), new Membership([.. voters], []), salt);
    }

    /// <summary>
    /// As above, for a member that begins with a backup: always another cluster than the one the backup is of, and another one
    /// for another backup, so that members restored from different files never take each other for the same.
    /// </summary>
    public static FreshStore OfRestored(NodeOptions options, string digest, long bump)
    {
        var fresh = Of(options);
        return options.IsInitialClusterGiven
            ? fresh with { Cluster = new ClusterId(IdOf($"restored {digest}|{bump}|{options.InitialClusterToken}|{ListText(options)}")) }
            : fresh;
    }

    /// <summary>Names and addresses of the first members, as far as the configuration tells.</summary>
    public static ImmutableArray<Member> MembersOf(NodeOptions options, NodeId self)
    {
        var members = ImmutableArray.CreateBuilder<Member>();
        foreach (var first in options.InitialCluster)
        {
            var id = first.Name == options.Name ? self : MemberId(options, first);
            var urls = first.PeerUrls.Select(url => url.GetLeftPart(UriPartial.Authority));
            members.Add(new Member(id, first.Name, [.. urls], [], MemberRole.Voter, 0, NodeId.None));
        }

        return members.ToImmutable();
    }

    /// <summary>The listed members and where they are found; none when nothing was listed.</summary>
    public static IEnumerable<PeerAddress> PeersOf(NodeOptions options) =>
        options is { IsInitialClusterGiven: true, InitialClusterState: InitialClusterState.New }
        ? options.InitialCluster.Select(member => new PeerAddress(MemberId(options, member), member.Name, member.PeerUrls))
        : [];

    private static NodeId MemberId(NodeOptions options, InitialMember member) =>
        new(IdOf($"member {options.InitialClusterToken}|{member.Name}|{string.Join(',', member.PeerUrls)}"));

    private static string ListText(NodeOptions options) => string.Join(
        ';',
        options.InitialCluster.Select(member => $"{member.Name}={string.Join(',', member.PeerUrls)}").Order(StringComparer.Ordinal));

    private static long IdOf(string text) => Positive(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static long RandomId() => Positive(RandomNumberGenerator.GetBytes(8));

    /// <summary>Zero stands for "none".</summary>
    private static long Positive(ReadOnlySpan<byte> bytes) =>
        Math.Max(1, BinaryPrimitives.ReadInt64BigEndian(bytes) & long.MaxValue);
}
