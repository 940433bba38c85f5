using RestKv.Checkers.History;

namespace RestKv.Checkers.Search;

/// <summary>
/// Checker A: believes no revision and needs no log; searches an order of each key's operations that explains all answers.
/// Operations of unknown outcome may take effect at any time after their start, or never.
/// </summary>
public static class SearchChecker
{
    /// <summary>Steps of one key's search before it is given up as undecided.</summary>
    public const long StepsMaxDefault = 5_000_000;

    public static SearchReport Check(IReadOnlyList<HistoryOperation> operations, long stepsMax = StepsMaxDefault)
    {
        var verdict = SearchVerdict.Linearizable;
        List<Violation> violations = [];
        foreach (var (key, steps) in KeyProjection.Of(operations))
        {
            var ofKey = new KeySearch(steps, KeyState.Missing, stepsMax).Run();
            if (ofKey == SearchVerdict.Impossible)
            {
                verdict = ofKey;
                violations.Add(CounterexampleShrinker.Explain(key, steps, operations));
            }
            else if (ofKey == SearchVerdict.Undecided && verdict == SearchVerdict.Linearizable)
            {
                verdict = ofKey;
            }
        }

        return new SearchReport(verdict, violations);
    }
}
