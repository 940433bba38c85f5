namespace RestKv.Api.Peers;

/// <summary>Why bytes of a peer were not taken.</summary>
internal enum PeerFault : byte
{
    None = 0,

    /// <summary>The connection ended inside a frame: what a killed process leaves behind, no garbage.</summary>
    EndedInFrame = 1,

    BadLength = 2,
    BadChecksum = 3,
    BadHello = 4,
    BadMessage = 5,

    /// <summary>A message that is not from the peer the connection belongs to, or not for this member.</summary>
    Misrouted = 6,
}
