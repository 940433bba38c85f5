namespace RestKv.Api.Peers;

/// <summary>What the receiver of a snapshot says while it works on it, one byte each. The values are on the wire.</summary>
internal enum PeerSnapshotSignal : byte
{
    /// <summary>All bytes are here; proving them and building the state takes its time.</summary>
    Working = 1,

    /// <summary>Durable and handed to the replica.</summary>
    Taken = 2,

    /// <summary>The bytes are no snapshot of this cluster, or could not be kept.</summary>
    NotTaken = 3,
}
