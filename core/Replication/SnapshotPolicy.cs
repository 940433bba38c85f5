using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>
/// Decides when to write a snapshot: when the log since the last one outgrew it, and sooner while the disk is short of
/// space, because the log that a snapshot covers can go. Owned by the replica thread.
/// </summary>
internal sealed class SnapshotPolicy(long bytesMin, long quietMs)
{
    private const int ShortSpaceDivisor = 8;
    private long _bytesSince;
    private long _lastBytes;
    private long? _beganMs;
    private long _ageMs;
    private bool _isSaving;
    private bool _isHurried;
    private bool _isForced;

    /// <summary>Newest snapshot that is durable here.</summary>
    public LogIndex Newest { get; private set; }

    /// <summary>True while the disk is short of space.</summary>
    public bool IsSpaceShort { get; set; }

    /// <summary>
    /// A start has enough to do with itself and with those who waited for it: a snapshot that nobody waits for comes when it has
    /// been over for a while.
    /// </summary>
    public bool IsDue => !_isSaving && (_isForced || (_bytesSince > 0
        && (_isHurried || (IsSpaceShort && _bytesSince > bytesMin / ShortSpaceDivisor)
            || (_bytesSince > Math.Max(bytesMin, _lastBytes) && _ageMs >= quietMs))));

    /// <summary>Called with every tick.</summary>
    public void TimeIs(long nowMs)
    {
        _beganMs ??= nowMs;
        _ageMs = nowMs - _beganMs.Value;
    }

    public void Logged(long bytes) => _bytesSince += bytes;

    /// <summary>A snapshot now would free space: do not wait for the log to grow.</summary>
    public void Hurry() => _isHurried = true;

    /// <summary>
    /// Somebody waits for a newer snapshot, however little was logged since the last. While one is being written that may be
    /// it: who still waits when it is there asks again.
    /// </summary>
    public void Force() => _isForced |= !_isSaving;

    /// <summary>A snapshot from elsewhere is durable and has become the state.</summary>
    public void Installed(LogIndex index)
    {
        Newest = index > Newest ? index : Newest;
        _bytesSince = 0;
    }

    public void Started()
    {
        Invariant.Check(!_isSaving);
        _isSaving = true;
        _isForced = false;
        _isHurried = false;
        _bytesSince = 0;
    }

    /// <param name="bytes">Size of the snapshot; negative when it could not be written.</param>
    public void Saved(LogIndex index, long bytes)
    {
        _isSaving = false;
        if (bytes >= 0)
        {
            _lastBytes = bytes;
            Newest = index > Newest ? index : Newest;
        }
    }
}
