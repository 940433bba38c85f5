namespace RestKv.Storage;

/// <summary>
/// Holds back whoever writes in bulk beside the log, so that the disk, and the processor, are free for the log most of the
/// time. Made anew for each piece of work and owned by the thread that does it.
/// </summary>
public interface IWritePace
{
    /// <summary>To be called after each piece that was written and synced: returns when the next may be begun.</summary>
    void Rest();
}
