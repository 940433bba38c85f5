namespace RestKv.Checkers.Search;

/// <summary>What <see cref="SearchChecker"/> found: the worst verdict of any key, with one shrunk proof per bad key.</summary>
public sealed record SearchReport(SearchVerdict Verdict, IReadOnlyList<Violation> Violations);
