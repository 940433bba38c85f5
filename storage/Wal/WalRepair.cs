using RestKv.Raft;

namespace RestKv.Storage.Wal;

/// <summary>
/// Makes what <see cref="WalScan"/> accepted true on disk before anybody builds on it. What was read may be in the page
/// cache only: after a crash of the process because it was never synced, after a failed sync even though the next one
/// succeeds. Only the last frame can be in that state, so it is written again, byte for byte, and synced.
/// </summary>
internal static class WalRepair
{
    private const int StepBytes = 1 << 20;

    public static void Apply(IFileSystem files, WalScanResult scan)
    {
        foreach (var segment in scan.Discarded)
        {
            files.Remove(segment.Path);
        }

        files.SyncDirectory(WalFormat.Directory);
        if (scan.Tail.Segments.Count > 0)
        {
            var last = scan.Tail.Segments[^1];
            Invariant.Check(scan.LastFrame.Segment == last.Sequence);
            var beginsSegment = scan.LastFrame.Offset == WalFormat.SectorBytes;
            Rewrite(files, last.Path, beginsSegment ? 0 : scan.LastFrame.Offset, scan.Tail.End.Offset);
        }
    }

    private static void Rewrite(IFileSystem files, string path, long from, long to)
    {
        using var file = files.Open(path, writable: true);
        var buffer = new byte[Math.Min(StepBytes, to - from)];
        for (var offset = from; offset < to; offset += buffer.Length)
        {
            var step = buffer.AsSpan(0, (int)Math.Min(buffer.Length, to - offset));
            step[file.ReadAt(offset, step)..].Clear(); // only padding can be missing
            file.WriteAt(offset, step);
        }

        file.Sync();
    }
}
