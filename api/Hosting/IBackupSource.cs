using RestKv.Core;
using RestKv.Raft;
using RestKv.Storage;

namespace RestKv.Api.Hosting;

/// <summary>Where a backup takes the state from: the running replica, or nothing while only the document is generated.</summary>
internal interface IBackupSource
{
    /// <summary>This member's state after everything applied so far. For a linearizable one, pass a read barrier first.</summary>
    ValueTask<BackupImage> CaptureAsync(CancellationToken cancellationToken);
}

/// <summary>One consistent state with its origin. Immutable; whoever holds it holds the memory that was freed since.</summary>
internal sealed record BackupImage(MachineImage Image, SnapshotMark Mark, ClusterId Cluster);
