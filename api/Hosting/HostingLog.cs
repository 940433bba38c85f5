namespace RestKv.Api.Hosting;

/// <summary>What the hosting of the replica tells the operator. Events 1000–1099.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(1000, LogLevel.Information,
        "member {Member} of cluster {Cluster} started: revision {Revision}, applied {Applied}, recovered in {ElapsedMs} ms")]
    public static partial void Started(
        ILogger logger, string member, string cluster, long revision, long applied, long elapsedMs);

    [LoggerMessage(1001, LogLevel.Information, "role {Role} in term {Term}, leader {Leader}")]
    public static partial void RoleChanged(ILogger logger, string role, long term, string leader);

    [LoggerMessage(1002, LogLevel.Information, "snapshot at index {Index} term {Term}: {Bytes} bytes in {ElapsedMs} ms")]
    public static partial void SnapshotSaved(ILogger logger, long index, long term, long bytes, long elapsedMs);

    [LoggerMessage(1003, LogLevel.Warning, "no snapshot at index {Index}: {Reason}; the log keeps growing until the next try")]
    public static partial void SnapshotFailed(ILogger logger, long index, string reason);

    [LoggerMessage(1015, LogLevel.Information, "the snapshot at index {Index} is given up, because this member stops")]
    public static partial void SnapshotGivenUp(ILogger logger, long index);

    [LoggerMessage(1004, LogLevel.Warning, "out of space: writes that take space are refused until some is freed")]
    public static partial void SpaceShort(ILogger logger);

    [LoggerMessage(1012, LogLevel.Critical,
        "the state of this member is not that of the majority at the same place of the log: it answers nothing from now on; replace it")]
    public static partial void Diverged(ILogger logger);

    [LoggerMessage(1013, LogLevel.Critical, "this member takes no part in the cluster any more, also after a restart: {Reason}")]
    public static partial void PromisesLost(ILogger logger, string reason);

    [LoggerMessage(1005, LogLevel.Information, "space is back: all writes are taken again")]
    public static partial void SpaceBack(ILogger logger);

    [LoggerMessage(1006, LogLevel.Critical, "the process ends so that nothing wrong is acknowledged: {Reason}")]
    public static partial void Fatal(ILogger logger, string reason, Exception fault);

    [LoggerMessage(1013, LogLevel.Information, "leaving: serving on while clients are asked to go, {Connections} connections are open")]
    public static partial void Leaving(ILogger logger, int connections);

    [LoggerMessage(1014, LogLevel.Information, "no new connections; {Connections} that nobody uses are closed")]
    public static partial void SeenOff(ILogger logger, int connections);

    [LoggerMessage(1007, LogLevel.Information, "stopping: no new writes, streams are told, data is flushed")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(1008, LogLevel.Information, "stopped at revision {Revision}")]
    public static partial void Stopped(ILogger logger, long revision);

    [LoggerMessage(1009, LogLevel.Warning, "the end of the log was torn by a crash and cut off; nothing acknowledged was in it: {Tail}")]
    public static partial void TornTail(ILogger logger, string tail);

    [LoggerMessage(1011, LogLevel.Warning, "{Warning}")]
    public static partial void DirectoryRights(ILogger logger, string warning);

    [LoggerMessage(1012, LogLevel.Information,
        "caught up: everything committed before the start is applied, revision {Revision}, {ElapsedMs} ms after the start")]
    public static partial void CaughtUp(ILogger logger, long revision, long elapsedMs);

    [LoggerMessage(1010, LogLevel.Warning, "a snapshot is damaged and was passed over, the log made up for it: {Damage}")]
    public static partial void DamagedSnapshot(ILogger logger, string damage);
}
