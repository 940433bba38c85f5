namespace RestKv.Checkers.History;

/// <summary>What the client knows of its operation.</summary>
public enum HistoryOutcome
{
    /// <summary>Answered by the state machine: applied, or rejected as an applied entry, or read.</summary>
    Ok = 0,

    /// <summary>Surely not applied.</summary>
    Fail = 1,

    /// <summary>Applied once, or never; at any time after its start.</summary>
    Unknown = 2,
}
