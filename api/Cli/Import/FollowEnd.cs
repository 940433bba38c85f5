namespace RestKv.Api.Cli.Import;

/// <summary>Why following the source ends.</summary>
internal enum FollowEnd
{
    /// <summary>Everything up to the revision to cut over at is in the target.</summary>
    Reached,

    /// <summary>Changes are missing, since they were compacted or a lease was lost: only a new copy helps.</summary>
    StartOver,
}
