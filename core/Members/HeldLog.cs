namespace RestKv.Core.Members;

/// <summary>
/// How far a member's disk has held the log, by its own reports. They are kept apart by the start that made them: what a start has
/// reported says nothing about what its disk held when it began.
/// </summary>
/// <param name="Incarnation">The start that reported last.</param>
/// <param name="Index">Reported by that start, or before it.</param>
/// <param name="Before">Reported before that start: its disk must have held this much when it began.</param>
public readonly record struct HeldLog(long Incarnation, long Index, long Before)
{
    public HeldLog Reported(long incarnation, long index) =>
        incarnation > Incarnation ? new HeldLog(incarnation, Math.Max(Index, index), Index)
        : incarnation == Incarnation ? this with { Index = Math.Max(Index, index) }
        : this;

    /// <summary>What the disk of this start must have held when it began; null for a start that was followed by another one.</summary>
    public long? DueAtStart(long incarnation) =>
        incarnation > Incarnation ? Index
        : incarnation == Incarnation ? Before
        : null;
}
