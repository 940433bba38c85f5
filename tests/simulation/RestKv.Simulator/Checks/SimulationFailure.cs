using RestKv.Checkers;

namespace RestKv.Simulator.Checks;

/// <summary>An invariant did not hold. Ends the run; nobody catches it but the run itself.</summary>
internal sealed class SimulationFailure(Violation violation) : Exception(violation.ToString())
{
    public SimulationFailure(string rule, string message)
        : this(new Violation(rule, message))
    {
    }

    public Violation Violation { get; } = violation;
}
