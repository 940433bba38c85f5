namespace RestKv.Checkers.Search;

/// <summary>One key as the search sees it: which value (by rank among the history's values) and how many puts old.</summary>
/// <param name="Value"><see cref="Absent"/>, <see cref="Anything"/>, or a value's rank.</param>
/// <param name="Version">0 when absent, -1 when not known.</param>
public readonly record struct KeyState(int Value, long Version)
{
    public const int Absent = -1;
    public const int Anything = -2;
    public const long UnknownVersion = -1;

    public static readonly KeyState Missing = new(Absent, 0);

    /// <summary>A start nothing is known of: whoever looks first decides.</summary>
    public static readonly KeyState Unknown = new(Anything, UnknownVersion);
}
