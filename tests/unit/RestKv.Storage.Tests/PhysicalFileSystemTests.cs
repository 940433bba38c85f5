using RestKv.Storage.Tests.Support;
using RestKv.Testing;

namespace RestKv.Storage.Tests;

public sealed class PhysicalFileSystemTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly PhysicalFileSystem _files;

    public PhysicalFileSystemTests() => _files = new PhysicalFileSystem(_folder.Combine("data"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_store_lives_on_it_across_starts()
    {
        var member = new Member(_files, Stores.Options with { ReserveBytes = 8192 });
        for (var start = 0; start < 3; start++)
        {
            member.Open();
            member.Append(3, 700);
            member.Append(1, 9000);
            member.Store.Maintain();
            member.Commit();
            member.SaveSnapshot(keepEntries: 1, dataBytes: 5000);
            member.Append(2, 100);
            member.Close();
        }

        member.Open();
        Assert.Equal(18, member.Promised.Last);
        member.Close();
    }

    [Fact]
    public void Directories_are_0700_and_files_0600()
    {
        using var store = ReplicaStore.Open(_files, Stores.Options with { ReserveBytes = 8192 });
        store.Maintain();
        var root = _folder.Combine("data");

        foreach (var directory in Directory.GetDirectories(root).Append(root))
        {
            Assert.Equal("UserRead, UserWrite, UserExecute", Mode(directory));
        }

        var files = Directory.GetFiles(root, "*", SearchOption.AllDirectories);
        Assert.True(files.Length >= 5);
        Assert.All(files, file => Assert.Equal("UserRead, UserWrite", Mode(file)));

        static string Mode(string path) => string.Join(
            ", ", File.GetUnixFileMode(path).ToString().Split(", ").OrderBy(bit => bit == "UserExecute").ThenBy(bit => bit));
    }

    [Fact]
    public void The_lock_holds_between_two_opens_in_one_process()
    {
        var first = ReplicaStore.Open(_files, Stores.Options);

        var e = Assert.Throws<DataDirectoryException>(
            () => ReplicaStore.Open(new PhysicalFileSystem(_files.Root), Stores.Options));
        Assert.Contains($"{_files.Root} is in use by another process", e.Message, StringComparison.Ordinal);
        first.Dispose();

        ReplicaStore.Open(_files, Stores.Options).Dispose();
    }

    [Fact]
    public void A_file_in_the_place_of_the_directory_is_refused()
    {
        File.WriteAllText(_files.Root, "a file");

        var e = Assert.Throws<DataDirectoryException>(() => ReplicaStore.Open(_files, Stores.Options));

        Assert.Contains($"{_files.Root} is not a directory", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parents_are_made_and_a_file_among_them_is_refused()
    {
        new PhysicalFileSystem(_folder.Combine("a/b/c")).CreateDirectory(string.Empty);
        Assert.True(Directory.Exists(_folder.Combine("a/b/c")));
        File.WriteAllText(_folder.Combine("f"), string.Empty);

        var e = Assert.Throws<StorageIoException>(
            () => new PhysicalFileSystem(_folder.Combine("f/d")).CreateDirectory(string.Empty));

        Assert.Equal(ErrorNumbers.NotDirectory, e.ErrorNumber);
    }

    [Fact]
    public void A_preallocated_file_is_all_zeros_and_takes_its_space_at_once()
    {
        _files.CreateDirectory(string.Empty);
        const int Length = (2 << 20) + 512;
        using var file = _files.Create("zeros", Length);

        var bytes = new byte[Length + 10];
        bytes.AsSpan().Fill(1);
        Assert.Equal(Length, file.Length);
        Assert.Equal(Length, file.ReadAt(0, bytes));
        Assert.False(bytes.AsSpan(0, Length).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Reads_and_writes_land_where_they_should()
    {
        _files.CreateDirectory("d");
        using var file = _files.Create("d/f");
        file.WriteAt(5, [1, 2, 3]);
        file.Sync();
        var bytes = new byte[4];
        Assert.Equal(2, file.ReadAt(6, bytes));
        Assert.Equal([2, 3, 0, 0], bytes);
        Assert.Equal(0, file.ReadAt(100, bytes));
        file.SetLength(6);

        Assert.Equal(6, file.Length);
        Assert.Equal(["f"], _files.List("d"));
        _files.Rename("d/f", "d/g");
        _files.SyncDirectory("d");
        Assert.False(_files.Exists("d/f"));
        _files.Remove("d/g");
        Assert.Empty(_files.List("d"));
        Assert.Empty(_files.List("nowhere"));
        Assert.True(_files.FreeBytes() > 0);
    }

    [Fact]
    public void Failures_carry_the_system_error_number_and_the_path()
    {
        _files.CreateDirectory(string.Empty);
        _files.Create("f").Dispose();

        Assert.Equal(ErrorNumbers.Exists, Assert.Throws<StorageIoException>(() => _files.Create("f")).ErrorNumber);
        var missing = Assert.Throws<StorageIoException>(() => _files.Open("none", writable: true));
        Assert.Equal(ErrorNumbers.NoEntry, missing.ErrorNumber);
        Assert.Equal($"{_files.Root}/none", missing.Path);
        Assert.Equal(ErrorNumbers.NoEntry, Assert.Throws<StorageIoException>(() => _files.Remove("none")).ErrorNumber);
        Assert.Equal(ErrorNumbers.NoEntry, Assert.Throws<StorageIoException>(() => _files.Rename("none", "x")).ErrorNumber);
        Assert.Equal(ErrorNumbers.NoEntry, Assert.Throws<StorageIoException>(() => _files.SyncDirectory("none")).ErrorNumber);
    }

    /// <summary>The system's own full disk: every write to /dev/full is ENOSPC.</summary>
    [Fact]
    public void A_write_that_finds_no_space_says_so()
    {
        using var full = new PhysicalFileSystem("/dev").Open("full", writable: true);

        Assert.True(Assert.Throws<StorageIoException>(() => full.WriteAt(0, [1])).IsNoSpace);
    }

    [Fact]
    public void A_sync_that_the_system_refuses_is_an_error()
    {
        using var pipe = new PhysicalFileSystem("/dev").Open("null", writable: true);

        Assert.Equal("fdatasync", Assert.Throws<StorageIoException>(() => pipe.Sync()).Operation);
    }
}
