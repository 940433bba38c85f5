using RestKv.Core.Mvcc;

namespace RestKv.Checkers.Watch;

/// <summary>One frame of a stream, with the time it arrived. A closed set.</summary>
public abstract record WatchFrame(long At)
{
    /// <summary>First frame of an accepted stream; its id is <paramref name="From"/> - 1.</summary>
    public sealed record Open(long At, long Revision, long From) : WatchFrame(At);

    /// <param name="HasId">True when the event carries its revision as id: nothing more of that revision will come.</param>
    public sealed record Event(long At, Change Change, bool HasId) : WatchFrame(At);

    /// <summary>A bookmark: everything up to the revision was sent.</summary>
    public sealed record Progress(long At, long Revision) : WatchFrame(At);

    /// <summary>History before the floor is gone and the watcher needed some of it. Ends the connection.</summary>
    public sealed record Compacted(long At, long Floor) : WatchFrame(At);

    /// <summary>The connection ended for any other reason.</summary>
    public sealed record Closed(long At, string Reason) : WatchFrame(At);
}
