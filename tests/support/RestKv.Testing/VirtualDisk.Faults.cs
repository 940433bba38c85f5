using RestKv.Raft;

namespace RestKv.Testing;

/// <summary>What a test may do to the disk, and what it may look at.</summary>
public sealed partial class VirtualDisk
{
    /// <summary>Size of the disk: what goes beyond is ENOSPC.</summary>
    public long CapacityBytes { get; set; } = long.MaxValue;

    /// <summary>Calls so far that changed or synced something.</summary>
    public long Operations { get; private set; }

    /// <summary>Number of the call, from 1, before which the power is cut; 0 for never.</summary>
    public long CutPowerBefore { get; set; }

    /// <summary>Asked at each sync of a file or directory; true makes it fail with EIO, and what was unsynced unknown.</summary>
    public Func<string, bool>? SyncFault { get; set; }

    /// <summary>A disk that answers every sync without doing it.</summary>
    public bool LiesAboutSync { get; set; }

    /// <summary>Told of every call that is counted: operation and path.</summary>
    public Action<string, string>? OnOperation { get; set; }

    /// <summary>Ends this life by a loss of power: unsynced content and names meet their fate, the disk comes up again.</summary>
    public void CutPower(DiskOutcome outcome, ulong seed)
    {
        _random = new SplitMix64(seed);
        _names.CutPower(outcome, _random);
        BeginLife();
    }

    /// <summary>Ends this life by kill -9: what was written stays visible, though not durable.</summary>
    public void KillProcess() => BeginLife();

    /// <summary>A copy of everything, unsynced writes included. Files open on this disk are not open on the copy.</summary>
    public VirtualDisk Clone(ulong seed = 1) => new(seed)
    {
        _names = _names.Clone(),
        CapacityBytes = CapacityBytes,
    };

    /// <summary>Goes back to what the other disk holds, as when an old image is restored.</summary>
    public void RevertTo(VirtualDisk image)
    {
        _names = image._names.Clone();
        BeginLife();
    }

    /// <summary>All file paths, directories left out.</summary>
    public IReadOnlyList<string> Files() => [.. _names.Current.Where(pair => pair.Value is not null).Select(pair => pair.Key)];

    public long LengthOf(string path) => Find(path).Current.Length;

    public byte[] ReadAll(string path)
    {
        var content = Find(path).Current;
        var bytes = new byte[content.Length];
        content.Read(0, bytes);
        return bytes;
    }

    /// <summary>Changes bytes behind everybody's back: a decayed, misdirected or stale sector.</summary>
    public void Damage(string path, long offset, ReadOnlySpan<byte> bytes) => Find(path).Damage(offset, bytes);

    public void FlipBit(string path, long bit)
    {
        Span<byte> one = stackalloc byte[1];
        var inode = Find(path);
        Invariant.Check(inode.Current.Read(bit / 8, one) == 1);
        one[0] ^= (byte)(1 << (int)(bit % 8));
        inode.Damage(bit / 8, one);
    }

    /// <summary>Makes the sector at an offset fail with EIO when read, until it is written again.</summary>
    public void MakeUnreadable(string path, long offset) =>
        Find(path).MakeUnreadable(offset / VirtualDiskInode.SectorBytes);

    /// <summary>Cuts or extends a file behind everybody's back.</summary>
    public void Truncate(string path, long length)
    {
        var inode = Find(path);
        inode.SetLength(length);
        inode.Sync();
    }

    /// <summary>Loses a file behind everybody's back.</summary>
    public void Lose(string path)
    {
        _names.Remove(path);
        _names.Sync(VirtualDiskNames.DirectoryOf(path));
    }

    private void BeginLife()
    {
        _life++;
        _isDown = false;
        _locks.Clear();
        CutPowerBefore = 0;
    }
}
