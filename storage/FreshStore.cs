using RestKv.Raft;

namespace RestKv.Storage;

/// <summary>What an empty data directory becomes.</summary>
/// <param name="Cluster">The cluster the member belongs to.</param>
/// <param name="Node">The member's id, never used before.</param>
/// <param name="Membership">Members the cluster begins with; empty for a member that will be told by the others.</param>
/// <param name="Salt">Random secret, kept in the identity file: with it no bytes of a client can look like log frames.</param>
public sealed record FreshStore(ClusterId Cluster, NodeId Node, Membership Membership, ulong Salt);
