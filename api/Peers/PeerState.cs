namespace RestKv.Api.Peers;

/// <summary>One peer as the transport sees it, for status pages.</summary>
/// <param name="IsConnected">Whether this member can send to it now.</param>
/// <param name="Dropped">Messages that had to go because it takes too few.</param>
/// <param name="Lost">Messages that had to go because there was no connection.</param>
internal sealed record PeerState(PeerAddress Address, bool IsConnected, long Dropped, long Lost, PeerCounters Counters);
