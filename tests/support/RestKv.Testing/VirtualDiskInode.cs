using RestKv.Raft;

namespace RestKv.Testing;

/// <summary>A virtual file: what is on the platter, what the process sees, and the writes between the two, in order.</summary>
internal sealed class VirtualDiskInode
{
    public const int SectorBytes = 512;

    private readonly List<Write> _unsynced = [];
    private readonly HashSet<long> _unreadable = [];

    public VirtualDiskContent Durable { get; private set; } = new();

    public VirtualDiskContent Current { get; private set; } = new();

    public bool HasUnsynced => _unsynced.Count > 0;

    public void WriteAt(long offset, ReadOnlySpan<byte> bytes)
    {
        Current.Write(offset, bytes);
        _unsynced.Add(new Write(offset, bytes.ToArray()));
        for (var sector = offset / SectorBytes; sector * SectorBytes < offset + bytes.Length; sector++)
        {
            _unreadable.Remove(sector);
        }
    }

    public void SetLength(long length)
    {
        Current.SetLength(length);
        _unsynced.Add(new Write(length, null));
    }

    /// <summary>Zeros of the given length, already on the platter.</summary>
    public void Preallocate(long length)
    {
        Current.SetLength(length);
        Durable.SetLength(length);
    }

    public void Sync() => Resolve(DiskOutcome.Keep, new SplitMix64(0));

    /// <summary>What Linux does when a sync fails: the pages count as clean; whether they were written, nobody knows.</summary>
    public void FailSync(SplitMix64 random) => Resolve(DiskOutcome.Tear, random);

    /// <summary>The process sees again what the platter holds, after every unsynced write was kept, dropped or torn.</summary>
    public void CutPower(DiskOutcome outcome, SplitMix64 random)
    {
        Resolve(outcome, random);
        Current = Durable.Clone();
    }

    /// <summary>Changes bytes behind everybody's back.</summary>
    public void Damage(long offset, ReadOnlySpan<byte> bytes)
    {
        Current.Write(offset, bytes);
        Durable.Write(offset, bytes);
    }

    public void MakeUnreadable(long sector) => _unreadable.Add(sector);

    public bool IsReadable(long offset, int count)
    {
        if (_unreadable.Count == 0)
        {
            return true;
        }

        for (var sector = offset / SectorBytes; sector * SectorBytes < offset + count; sector++)
        {
            if (_unreadable.Contains(sector))
            {
                return false;
            }
        }

        return true;
    }

    public VirtualDiskInode Clone()
    {
        var copy = new VirtualDiskInode { Durable = Durable.Clone(), Current = Current.Clone() };
        copy._unsynced.AddRange(_unsynced);
        copy._unreadable.UnionWith(_unreadable);
        return copy;
    }

    private void Resolve(DiskOutcome outcome, SplitMix64 random)
    {
        foreach (var write in _unsynced)
        {
            if (outcome == DiskOutcome.Keep)
            {
                Apply(write);
            }
            else if (outcome == DiskOutcome.Tear)
            {
                ApplyTorn(write, random);
            }
        }

        _unsynced.Clear();
    }

    private void Apply(Write write)
    {
        if (write.Bytes is { } bytes)
        {
            Durable.Write(write.Offset, bytes);
        }
        else
        {
            Durable.SetLength(write.Offset);
        }
    }

    private void ApplyTorn(Write write, SplitMix64 random)
    {
        if (write.Bytes is null)
        {
            if (random.Next(2) == 0)
            {
                Apply(write);
            }

            return;
        }

        for (var at = 0; at < write.Bytes.Length;)
        {
            var step = (int)Math.Min(write.Bytes.Length - at, SectorBytes - ((write.Offset + at) % SectorBytes));
            var kept = random.Next(3) switch
            {
                0 => 0,
                1 => step,
                _ => random.Next(step + 1),
            };
            if (kept > 0)
            {
                Durable.Write(write.Offset + at, write.Bytes.AsSpan(at, kept));
            }

            at += step;
        }
    }

    /// <summary>A write, or with no bytes a change of length.</summary>
    private readonly record struct Write(long Offset, byte[]? Bytes);
}
