using RestKv.Raft;

namespace RestKv.Api.Peers;

/// <summary>Where one member is found by the others.</summary>
internal sealed record PeerAddress(NodeId Id, string Name, IReadOnlyList<Uri> Urls);
