using RestKv.Core.Model;

namespace RestKv.Checkers.Watch;

/// <summary>Everything one logical watcher asked for and received, over all its connections.</summary>
public sealed record WatchStream
{
    public required int Id { get; init; }

    /// <summary>A change counts when any of these holds its key.</summary>
    public required IReadOnlyList<KeyRange> Ranges { get; init; }

    public bool Puts { get; init; } = true;

    public bool Deletes { get; init; } = true;

    public bool WithPrevious { get; init; }

    public IList<WatchConnection> Connections { get; init; } = [];

    /// <summary>The stream must have got everything up to here by its end (set once faults have stopped); 0 asks nothing.</summary>
    public long ExpectedThrough { get; set; }
}
