namespace RestKv.Testing;

/// <summary>What a power cut does to everything that was not synced.</summary>
public enum DiskOutcome
{
    /// <summary>All of it is gone.</summary>
    Drop,

    /// <summary>All of it had happened to be written.</summary>
    Keep,

    /// <summary>Each sector and each name by itself: gone, written, or (sectors) written up to some byte.</summary>
    Tear,
}
