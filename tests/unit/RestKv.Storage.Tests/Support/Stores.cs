using RestKv.Raft;
using RestKv.Testing;

namespace RestKv.Storage.Tests.Support;

/// <summary>Small stores on virtual disks.</summary>
internal static class Stores
{
    public const int SegmentBytes = 4096;

    public static readonly ClusterId Cluster = new(0x1122334455667788);

    public static readonly NodeId Node = new(0x99aabbccddeeff);

    public static readonly Membership Membership = new([Node, new NodeId(2), new NodeId(3)], []);

    public static StoreOptions Options { get; } = new()
    {
        Cluster = Cluster,
        Node = Node,
        Fresh = new FreshStore(Cluster, Node, Membership, Salt: 0x5a17),
        SegmentBytes = SegmentBytes,
        ReserveBytes = 0,
        KeepLogForOlderSnapshot = false,
    };

    /// <summary>A disk with one member's directory that ran the script and was stopped cleanly or killed.</summary>
    public static (VirtualDisk Disk, Member Member) After(Action<Member> script, bool cleanStop = false, StoreOptions? options = null)
    {
        var disk = new VirtualDisk();
        var member = new Member(disk, options ?? Options);
        member.Open();
        script(member);
        if (cleanStop)
        {
            member.Close();
        }

        disk.KillProcess();
        return (disk, member);
    }

    public static string LastSegment(VirtualDisk disk) =>
        disk.Files().Last(path => path.StartsWith("wal/", StringComparison.Ordinal)
            && path.EndsWith(".wal", StringComparison.Ordinal));

    public static IReadOnlyList<string> Segments(VirtualDisk disk) =>
        [.. disk.Files().Where(path => path.EndsWith(".wal", StringComparison.Ordinal))];
}
