namespace RestKv.Api.Peers;

/// <summary>Both directions of snapshots between members.</summary>
internal sealed record PeerSnapshots(PeerSnapshotSender Sender, PeerSnapshotInbox Inbox) : IDisposable
{
    public void Dispose()
    {
        Sender.Dispose();
        Inbox.Dispose();
    }
}
