using RestKv.Raft;
using RestKv.Storage.Snapshots;
using RestKv.Storage.Wal;

namespace RestKv.Storage;

/// <summary>
/// Puts snapshot and log together into the state of the member (DESIGN.md, "Recovery"). Reads only; refuses when neither
/// leads without a gap to the end.
/// </summary>
internal sealed record StoreRecovery(RaftImage Image, SnapshotReader? Snapshot, RecoveryReport Report, WalScanResult? Scan)
    : IDisposable
{
    public void Dispose() => Snapshot?.Dispose();

    public static StoreRecovery Read(
        IFileSystem files, StoreOptions options, StoreIdentity identity, WalOwner owner, SnapshotCatalog catalog)
    {
        var damaged = new List<SnapshotCorruptException>();
        var snapshot = catalog.OpenNewest(damaged);
        try
        {
            var keepFrom = new LogIndex(Math.Max(1, (snapshot?.Mark.Index.Value ?? 0) - options.OverlapEntriesMax));
            var scan = new WalScan(files, owner, keepFrom).Run();
            if (scan.Tail.Segments.Count == 0)
            {
                throw new WalCorruptException(WalFormat.Directory, 0, new LogIndex(1), "it holds no log");
            }

            CheckCoverage(scan.Contents, snapshot, damaged);
            return Combine(identity, scan, snapshot, damaged);
        }
        catch
        {
            snapshot?.Dispose();
            throw;
        }
    }

    private static void CheckCoverage(
        WalContents log, SnapshotReader? snapshot, List<SnapshotCorruptException> damaged)
    {
        var covered = snapshot?.Mark.Index ?? LogIndex.Zero;
        if (log.First <= covered.Next)
        {
            return;
        }

        var detail = $"and the log begins only at index {log.First}, while "
            + (snapshot is null ? "there is no other snapshot" : $"the next older snapshot ends at index {covered}");
        if (damaged.Count > 0)
        {
            throw new SnapshotCorruptException(damaged[0].File, damaged[0].Offset, $"{damaged[0].Detail}, {detail}");
        }

        throw new SnapshotCorruptException(
            SnapshotFormat.Directory, 0, $"a snapshot up to index {log.First.Previous} or later is missing, {detail}");
    }

    private static StoreRecovery Combine(
        StoreIdentity identity, WalScanResult scan, SnapshotReader? snapshot, List<SnapshotCorruptException> damaged)
    {
        var log = scan.Contents;
        var mark = snapshot?.Mark ?? Invariant.NotNull(log.Base);
        var replaced = mark.Index > log.Last || (log.TermAt(mark.Index) is { } term && term != mark.Term);
        if (replaced)
        {
            // The snapshot holds committed entries; a log that ends before it or differs there is the loser
            // (Ongaro and Ousterhout 2014, figure 13, steps 6 and 7).
            log.RestartAfter(mark);
        }

        var report = new RecoveryReport
        {
            Torn = scan.Torn,
            DamagedSnapshots = damaged,
            SnapshotReplacedLog = replaced,
            Segments = scan.Tail.Segments.Count,
        };
        var image = new RaftImage(identity.Node, Complete(log.HardState, mark, log.Last), mark, log.Entries);
        return new StoreRecovery(image, snapshot, report, scan);
    }

    /// <summary>A hard state that is older than the snapshot is brought up to it: it had not been flushed, so not used.</summary>
    private static HardState Complete(HardState state, SnapshotMark mark, LogIndex last)
    {
        if (state.Term < mark.Term)
        {
            state = state with { Term = mark.Term, Vote = NodeId.None };
        }

        var commit = state.Commit < mark.Index ? mark.Index : state.Commit;
        return state with { Commit = commit > last ? last : commit };
    }
}
