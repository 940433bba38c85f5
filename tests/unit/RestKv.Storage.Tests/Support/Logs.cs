using RestKv.Raft;
using RestKv.Storage.Wal;
using RestKv.Testing;

namespace RestKv.Storage.Tests.Support;

/// <summary>Reads logs on virtual disks as recovery does, without opening a store.</summary>
internal static class Logs
{
    public static WalScanResult Scan(VirtualDisk disk) => new WalScan(disk, OwnerOf(disk), new LogIndex(1)).Run();

    /// <summary>Start and end of every whole frame, in order, with the path of its segment.</summary>
    public static IReadOnlyList<(string Path, long Start, long End, int Records)> Frames(VirtualDisk disk)
    {
        var frames = new List<(string, long, long, int)>();
        var segments = WalScan.ListSegments(disk);
        new WalScan(disk, OwnerOf(disk), new LogIndex(1), Note).Run();
        return frames;

        void Note(WalFrameHeader header, WalPosition end)
        {
            var segment = segments.First(candidate => candidate.Sequence == end.Segment);
            frames.Add((segment.Path, header.Position.Offset, end.Offset, header.Records));
        }
    }

    /// <summary>The state a log holds, in a form that can be compared.</summary>
    public static string Describe(WalScanResult scan)
    {
        var contents = scan.Contents;
        var entries = contents.Entries.Select(entry =>
            $"{entry.Index}/{entry.Term}/{entry.Kind}/{Convert.ToHexString(entry.Payload.Span)}");
        return $"{contents.HardState} {contents.Base} {contents.First}..{contents.Last} {string.Join(' ', entries)}";
    }

    private static WalOwner OwnerOf(VirtualDisk disk)
    {
        var identity = IdentityFile.Read(disk);
        return new WalOwner(identity.Cluster, identity.Node, identity.Salt, identity.Incarnation);
    }
}
