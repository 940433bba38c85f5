using RestKv.Checkers.Model;

namespace RestKv.Checkers.Witness;

/// <summary>What <see cref="WitnessChecker"/> found.</summary>
/// <param name="Model">The model after the whole order: the reference for the watch and lease checks.</param>
public sealed record WitnessReport(IReadOnlyList<Violation> Violations, KvModel Model)
{
    public bool IsValid => Violations.Count == 0;
}
