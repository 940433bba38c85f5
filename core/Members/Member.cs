using System.Collections.Immutable;
using RestKv.Raft;

namespace RestKv.Core.Members;

/// <summary>What the cluster knows of one member. Immutable.</summary>
/// <param name="Name">Unique among the members.</param>
/// <param name="PeerUrls">Where the other members find it.</param>
/// <param name="ClientUrls">Where it serves clients; empty until it has told.</param>
/// <param name="Wanted">What the operator wants it to be; the leader makes it so, one change at a time.</param>
/// <param name="StoreId">
/// Drawn with its data directory, 0 until it has told. A member that comes with another one has lost its data and with it its
/// promises: it must not vote under the old id.
/// </param>
/// <param name="Replaces">The member that goes when this one votes; none for most.</param>
public sealed record Member(
    NodeId Id,
    string Name,
    ImmutableArray<string> PeerUrls,
    ImmutableArray<string> ClientUrls,
    MemberRole Wanted,
    long StoreId,
    NodeId Replaces)
{
    /// <summary>Number of the start that it told of last; a later start has a higher one, or its directory went back.</summary>
    public long Incarnation { get; init; }

    /// <summary>Drawn by that start: tells it from another one with the same number, which an old image of the directory makes.</summary>
    public long Life { get; init; }

    /// <summary>How far its disk has held the log.</summary>
    public HeldLog Held { get; init; }
}

/// <summary>What a member is for.</summary>
public enum MemberRole : byte
{
    /// <summary>Receives everything and serves reads and watches, but does not vote.</summary>
    Learner = 0,
    Voter = 1,
}
