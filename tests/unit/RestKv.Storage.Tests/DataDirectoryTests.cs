using RestKv.Raft;
using RestKv.Storage.Tests.Support;
using RestKv.Testing;

namespace RestKv.Storage.Tests;

/// <summary>What is refused at start, with a text that tells the operator what to do.</summary>
public sealed class DataDirectoryTests
{
    private const UnixFileMode OpenToOthers = (UnixFileMode)0b111_101_101;

    [Fact]
    public void Two_opens_at_once_are_refused()
    {
        var disk = new VirtualDisk();
        using var first = ReplicaStore.Open(disk, Stores.Options);

        var e = Assert.Throws<DataDirectoryException>(() => ReplicaStore.Open(disk, Stores.Options));

        Assert.Contains("in use by another process", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_lock_is_free_again_after_a_clean_stop_and_after_a_refusal()
    {
        var disk = new VirtualDisk();
        ReplicaStore.Open(disk, Stores.Options).Dispose();
        Assert.Throws<DataDirectoryException>(
            () => ReplicaStore.Open(disk, Stores.Options with { Node = new NodeId(77) }));

        ReplicaStore.Open(disk, Stores.Options).Dispose();
    }

    [Fact]
    public void A_directory_open_to_others_is_closed_once_and_that_is_said()
    {
        using var folder = new TempFolder();
        File.SetUnixFileMode(folder.Path, OpenToOthers);
        var warnings = new List<string>();

        ReplicaStore.Open(new PhysicalFileSystem(folder.Path, warnings.Add), Stores.Options).Dispose();
        ReplicaStore.Open(new PhysicalFileSystem(folder.Path, warnings.Add), Stores.Options).Dispose();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Path));
        Assert.Equal([$"{folder.Path} was open to others (mode 755); it is closed now (mode 700)"], warnings);
    }

    [Fact]
    public void A_directory_that_is_not_ours_keeps_its_rights()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.Combine("holiday.jpg"), "mine");
        File.SetUnixFileMode(folder.Path, OpenToOthers);
        var warnings = new List<string>();

        Assert.Throws<DataDirectoryException>(
            () => ReplicaStore.Open(new PhysicalFileSystem(folder.Path, warnings.Add), Stores.Options));

        Assert.Equal(OpenToOthers, File.GetUnixFileMode(folder.Path));
        Assert.Empty(warnings);
    }

    [Fact]
    public void A_directory_with_foreign_content_is_refused_and_left_alone()
    {
        var disk = new VirtualDisk();
        disk.Create("holiday.jpg").Dispose();

        var e = Assert.Throws<DataDirectoryException>(() => ReplicaStore.Open(disk, Stores.Options));

        Assert.Contains("holds no RestKv data (found 'holiday.jpg')", e.Message, StringComparison.Ordinal);
        Assert.Equal(["holiday.jpg"], disk.Files());
    }

    [Fact]
    public void A_mount_point_is_an_empty_directory()
    {
        var disk = new VirtualDisk();
        disk.CreateDirectory("lost+found");

        ReplicaStore.Open(disk, Stores.Options).Dispose();
    }

    [Fact]
    public void Data_without_its_identity_is_refused()
    {
        var (disk, _) = Stores.After(m => m.Append(1, 1));
        disk.Lose("identity");

        var e = Assert.Throws<DataDirectoryException>(() => ReplicaStore.Open(disk, Stores.Options));

        Assert.Contains("the file 'identity' is missing", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_format_is_refused_by_its_number()
    {
        var (disk, _) = Stores.After(m => m.Append(1, 1));
        var newer = IdentityFile.EncodeSlot(new StoreIdentity(Stores.Cluster, Stores.Node, 1, FormatVersion: 2));
        disk.Damage("identity", 0, newer);

        var e = Assert.Throws<DataDirectoryException>(() => ReplicaStore.Open(disk, Stores.Options));

        Assert.Contains("written by a newer version (format 2;", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_cluster_or_member_is_refused_by_name()
    {
        var (disk, _) = Stores.After(m => m.Append(1, 1));

        var cluster = Assert.Throws<DataDirectoryException>(
            () => ReplicaStore.Open(disk, Stores.Options with { Cluster = new ClusterId(0xabc) }));
        var node = Assert.Throws<DataDirectoryException>(
            () => ReplicaStore.Open(disk, Stores.Options with { Node = new NodeId(0xdef) }));

        Assert.Contains("belongs to cluster 1122334455667788, not to cluster abc", cluster.Message, StringComparison.Ordinal);
        Assert.Contains("belongs to member 99aabbccddeeff, not to member def", node.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void That_a_directory_lost_its_promises_is_kept_over_all_starts()
    {
        var disk = new VirtualDisk();
        using (var store = ReplicaStore.Open(disk, Stores.Options))
        {
            Assert.Equal(0, store.Identity.LossKind);
            store.MarkLost(2);
            Assert.Equal(2, store.Identity.LossKind);
        }

        for (var start = 2; start <= 4; start++)
        {
            disk.CutPower(DiskOutcome.Drop, (ulong)start);
            using var store = ReplicaStore.Open(disk, Stores.Options);
            Assert.Equal(((byte)2, (long)start), (store.Identity.LossKind, store.Identity.Incarnation));
        }
    }

    [Fact]
    public void An_empty_directory_is_refused_when_none_is_to_be_made()
    {
        var e = Assert.Throws<DataDirectoryException>(
            () => ReplicaStore.Open(new VirtualDisk(), Stores.Options with { Fresh = null }));

        Assert.Contains("holds no data", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ErrorNumbers.AccessDenied, "cannot be written by this user")]
    [InlineData(ErrorNumbers.ReadOnly, "is on a read-only file system")]
    [InlineData(ErrorNumbers.NotDirectory, "is not a directory")]
    public void A_directory_that_cannot_be_used_is_refused_with_the_reason(int error, string text)
    {
        var files = new FaultyFileSystem(new VirtualDisk(), (operation, _) => operation == "lock" ? error : 0);

        var e = Assert.Throws<DataDirectoryException>(() => ReplicaStore.Open(files, Stores.Options));

        Assert.Contains(text, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_start_has_a_number_of_its_own_also_when_the_power_is_cut_right_after()
    {
        var disk = new VirtualDisk();
        for (var start = 1; start <= 5; start++)
        {
            var store = ReplicaStore.Open(disk, Stores.Options);
            Assert.Equal(start, store.Identity.Incarnation);
            disk.CutPower(DiskOutcome.Drop, 1);
        }
    }

    /// <summary>Who asks whether there is a store draws an identity if not; what a cut left must then not stand in its way.</summary>
    [Fact]
    public void A_first_start_cut_short_anywhere_goes_on_under_its_identity_or_begins_anew_under_another()
    {
        var (first, second) = (Anew(1), Anew(2));
        var (begun, unfinished) = (0, 0);
        for (var call = 1; ; call++)
        {
            var disk = new VirtualDisk { CutPowerBefore = call };
            try
            {
                ReplicaStore.Open(disk, first);
                break;
            }
            catch (VirtualPowerCutException)
            {
                disk.KillProcess();
            }

            var exists = ReplicaStore.Exists(disk);
            _ = exists ? begun++ : unfinished++;
            var next = ReplicaStore.Open(disk, second);

            Assert.Equal((exists ? first : second).Fresh!.Node, next.Identity.Node);
            Assert.Equal(exists ? 2 : 1, next.Identity.Incarnation);
            Assert.True(ReplicaStore.Exists(disk));
        }

        Assert.True(begun > 0 && unfinished > 3, $"{begun} begun, {unfinished} unfinished");
    }

    [Fact]
    public void A_store_that_cannot_be_read_exists()
    {
        var (disk, _) = Stores.After(m => m.Append(1, 1));
        disk.Damage("identity", 0, new byte[1024]);

        Assert.True(ReplicaStore.Exists(disk));
        Assert.True(ReplicaStore.Exists(new FaultyFileSystem(disk, (operation, _) => operation == "open" ? ErrorNumbers.AccessDenied : 0)));
        Assert.False(ReplicaStore.Exists(new VirtualDisk()));
    }

    [Fact]
    public void The_first_membership_is_known_before_any_snapshot()
    {
        var (disk, _) = Stores.After(m => m.Append(1, 1));

        var image = ReplicaStore.Open(disk, Stores.Options with { Fresh = null }).Image;

        Assert.Equal(SnapshotMark.Origin(Stores.Membership), image.Snapshot);
        Assert.Equal(Stores.Node, image.Self);
    }

    private static StoreOptions Anew(long member) => Stores.Options with
    {
        Cluster = null,
        Node = null,
        Fresh = new FreshStore(Stores.Cluster, new NodeId(member), Membership.Empty, (ulong)member),
    };
}
