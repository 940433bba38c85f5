using RestKv.Testing;

namespace RestKv.Simulator.Cluster;

/// <summary>What may become of a member's disk as a whole.</summary>
internal sealed partial class SimulatedNode
{
    private VirtualDisk? _image;

    /// <summary>The disk was lost and a new one bears the old id: its word counts for nothing.</summary>
    public bool IsWiped { get; private set; }

    /// <summary>Ends the process and puts an empty disk in the place of its own.</summary>
    public void Wipe()
    {
        IsWiped = true;
        End("disk wiped", cutsPower: false);
        Disk = NewDisk();
        _salt = _random.NextSeed();
        _simulation.Committed.Forget(Id);
    }

    private VirtualDisk NewDisk() => new(_random.NextSeed())
    {
        OnOperation = (operation, path) =>
        {
            _simulation.Sometimes.HitIf(operation == "rename" && path.EndsWith(".spare", StringComparison.Ordinal), "segment rolled");
            _simulation.Sometimes.HitIf(operation is "rename" or "unlink" && path.EndsWith(".wal", StringComparison.Ordinal), "segment let go");
        },
    };

    /// <summary>Keeps a copy of the disk as it is.</summary>
    public void TakeImage() => _image = Disk.Clone(_random.NextSeed());

    /// <summary>Ends the process and puts the kept copy back: what was written since is gone, and nothing says so.</summary>
    public bool RollBack()
    {
        if (_image is not { } image)
        {
            return false;
        }

        End("disk rolled back", cutsPower: false);
        Disk.RevertTo(image);
        return true;
    }
}
