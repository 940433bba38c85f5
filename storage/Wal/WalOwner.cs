using RestKv.Raft;

namespace RestKv.Storage.Wal;

/// <summary>Whose log it is: goes into segment headers and check sums.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Node">The member.</param>
/// <param name="Salt">Secret number of the data directory, see <see cref="WalFormat.SegmentSalt"/>.</param>
/// <param name="Incarnation">The start of the process that writes.</param>
internal readonly record struct WalOwner(ClusterId Cluster, NodeId Node, ulong Salt, long Incarnation);
