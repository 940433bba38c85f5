using RestKv.Raft;
using RestKv.Storage;

namespace RestKv.Api.Peers;

/// <summary>Who this member is to the others; never changes while the process lives.</summary>
/// <param name="Incarnation">Number of starts of its data directory.</param>
/// <param name="StoreId">Drawn when the data directory was made: another directory under the same id shows.</param>
/// <param name="Address">Where the others reach it, for those who have not been told yet; empty when nobody knows.</param>
internal sealed record PeerIdentity(ClusterId Cluster, NodeId Member, long Incarnation, long StoreId, string Address)
{
    /// <summary>Drawn by this start.</summary>
    public long Life { get; init; }

    /// <summary>What the disk held at this start.</summary>
    public DiskFacts Facts { get; init; }
}
