namespace RestKv.Api.Peers;

/// <summary>What the transport between members tells the operator: changes, never single messages. Events 1200–1299.</summary>
internal static partial class PeerLog
{
    [LoggerMessage(EventId = 1200, EventName = "ServingMembers", Level = LogLevel.Information, Message = "serving members on {Addresses}")]
    public static partial void Serving(ILogger logger, string addresses);

    [LoggerMessage(1201, LogLevel.Information, "connected to member {Peer} at {Address} ({Purpose})")]
    public static partial void Connected(ILogger logger, string peer, string address, PeerPurpose purpose);

    [LoggerMessage(1202, LogLevel.Warning, "member {Peer} cannot be reached ({Purpose}): {Reason}; trying on")]
    public static partial void Unreachable(ILogger logger, string peer, PeerPurpose purpose, string reason);

    [LoggerMessage(1203, LogLevel.Warning, "connection to member {Peer} lost ({Purpose}): {Reason}")]
    public static partial void Lost(ILogger logger, string peer, PeerPurpose purpose, string reason);

    [LoggerMessage(1204, LogLevel.Debug, "member {Peer} connected from {Remote} ({Purpose}), incarnation {Incarnation}")]
    public static partial void Accepted(ILogger logger, string peer, string remote, PeerPurpose purpose, long incarnation);

    [LoggerMessage(1205, LogLevel.Information, "connection from member {Peer} ended ({Purpose}): {Reason}")]
    public static partial void Ended(ILogger logger, string peer, PeerPurpose purpose, string reason);

    [LoggerMessage(1206, LogLevel.Warning, "connection from {Remote} refused: {Reason}")]
    public static partial void Refused(ILogger logger, string remote, string reason);

    [LoggerMessage(1207, LogLevel.Warning, "connection from {Remote} closed, it sent what no member sends: {What}")]
    public static partial void Garbage(ILogger logger, string remote, string what);

    [LoggerMessage(1208, LogLevel.Error, "a message of {Bytes} bytes to member {Peer} is larger than any member takes; it is dropped")]
    public static partial void TooLarge(ILogger logger, string peer, int bytes);

    [LoggerMessage(1209, LogLevel.Warning, "member {Peer} has no known address: --initial-cluster does not list it")]
    public static partial void NoAddress(ILogger logger, string peer);

    [LoggerMessage(1210, LogLevel.Information, "sending member {Peer} the snapshot at index {Index}, {Bytes} bytes")]
    public static partial void SnapshotOffered(ILogger logger, string peer, long index, long bytes);

    [LoggerMessage(1211, LogLevel.Information, "member {Peer} took the snapshot at index {Index} in {ElapsedMs} ms")]
    public static partial void SnapshotTaken(ILogger logger, string peer, long index, long elapsedMs);

    [LoggerMessage(1212, LogLevel.Warning, "member {Peer} did not take the snapshot at index {Index}: {Reason}")]
    public static partial void SnapshotNotTaken(ILogger logger, string peer, long index, string reason);

    [LoggerMessage(1213, LogLevel.Information, "receiving the snapshot at index {Index} from member {Peer}: {Bytes} bytes, from {Offset} on")]
    public static partial void SnapshotComing(ILogger logger, string peer, long index, long bytes, long offset);

    [LoggerMessage(1214, LogLevel.Warning, "the snapshot at index {Index} from member {Peer} broke off: {Reason}")]
    public static partial void SnapshotBrokeOff(ILogger logger, string peer, long index, string reason);
}
