namespace RestKv.Checkers.Search;

public enum SearchVerdict
{
    Linearizable = 0,
    Impossible = 1,

    /// <summary>The budget ran out first. Counts as a failure where it matters.</summary>
    Undecided = 2,
}
