using System.Diagnostics.Metrics;

namespace RestKv.Api.Peers;

/// <summary>What went between members, read from the counters at each scrape. The label is the member's id.</summary>
internal static class PeerMetrics
{
    public static void Register(Meter meter, PeerTransport transport)
    {
        PerPeer("restkv_peer_sent_bytes_total", "Bytes written to a member.", peer => peer.Counters.BytesSent);
        PerPeer("restkv_peer_received_bytes_total", "Bytes read from a member.", peer => peer.Counters.BytesReceived);
        PerPeer("restkv_peer_sent_messages_total", "Messages written to a member.", peer => peer.Counters.MessagesSent);
        PerPeer("restkv_peer_received_messages_total", "Messages read from a member.", peer => peer.Counters.MessagesReceived);
        PerPeer("restkv_peer_snapshot_sent_bytes_total", "Bytes of snapshots written to a member.", peer => peer.Counters.SnapshotBytesSent);
        PerPeer("restkv_peer_dropped_total", "Messages dropped because a member takes too few.", peer => peer.Dropped);
        PerPeer(
            "restkv_peer_send_failures_total", "Messages dropped, or lost because there was no connection.", peer => peer.Dropped + peer.Lost);
        PerPeer("restkv_peer_connects_total", "Connections opened to a member.", peer => peer.Counters.Connects);
        PerPeer("restkv_peer_losses_total", "Connections to or from a member that broke.", peer => peer.Counters.Losses);
        meter.CreateObservableGauge(
            "restkv_peer_connected", () => Measure(peer => peer.IsConnected ? 1 : 0), null, "1 while messages can be sent to a member.");
        meter.CreateObservableCounter(
            "restkv_peer_garbage_total", () => transport.Net.Garbage, null, "Connections closed because of bytes no member sends.");
        meter.CreateObservableCounter(
            "restkv_peer_refused_total", () => transport.Net.Refused, null, "Connections refused because of who called.");
        meter.CreateObservableCounter(
            "restkv_peer_overflowed_total", () => transport.Net.Overflowed, null,
            "Messages that came and were dropped because this member was too far behind.");

        IEnumerable<Measurement<long>> Measure(Func<PeerState, long> read) => transport.Peers.Select(peer =>
            new Measurement<long>(read(peer), new KeyValuePair<string, object?>("peer", peer.Address.Id.ToString())));

        void PerPeer(string name, string description, Func<PeerState, long> read) =>
            meter.CreateObservableCounter(name, () => Measure(read), null, description);
    }
}
