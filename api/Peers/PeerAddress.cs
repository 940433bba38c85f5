using RestKv.Raft;

namespace RestKv.Api.Peers;

/// <summary>Where one member is found by the others.</summary>
/// <param name="StoreId">Of its data directory, 0 while the cluster does not know it: with another one it is not let in.</param>
internal sealed record PeerAddress(NodeId Id, string Name, IReadOnlyList<Uri> Urls, long StoreId = 0);
