namespace RestKv.Raft;

/// <summary>Why bytes are not a <see cref="Message"/>.</summary>
public enum MessageFault : byte
{
    None = 0,

    /// <summary>Fewer bytes than the lengths in them ask for.</summary>
    Truncated = 1,

    UnknownVersion = 2,
    UnknownKind = 3,

    /// <summary>A value that no correct member sends.</summary>
    BadField = 4,

    /// <summary>More bytes than the message has.</summary>
    TrailingBytes = 5,
}
