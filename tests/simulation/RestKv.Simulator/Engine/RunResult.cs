using RestKv.Checkers;

namespace RestKv.Simulator.Engine;

/// <summary>What came of one run.</summary>
/// <param name="Violations">Broken promises; empty when all held.</param>
/// <param name="LastEvents">The end of the trace, for reading.</param>
public sealed record RunResult(
    SimulationOptions Options,
    IReadOnlyList<Violation> Violations,
    ulong TraceHash,
    string LastEvents,
    Sometimes Sometimes,
    RunFigures Figures)
{
    public bool IsGood => Violations.Count == 0;
}

public readonly record struct RunFigures(long Events, int Operations, long Entries, long Revisions, int Lives, int Faults);
