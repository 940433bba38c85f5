namespace RestKv.Api.Peers;

/// <summary>What a connection between two members is for. The values are on the wire.</summary>
internal enum PeerPurpose : byte
{
    /// <summary>Heartbeats, votes, acknowledgements, read rounds: small, and never behind bulk data.</summary>
    Urgent = 1,

    /// <summary>Entries: appends, and commands on their way to the leader.</summary>
    Bulk = 2,

    /// <summary>One snapshot file.</summary>
    Snapshot = 3,
}
