using RestKv.Core.Commands;

namespace RestKv.Api.Security.Audit;

/// <summary>One line of the audit log.</summary>
/// <param name="Outcome">
/// `asked` before it is done, then `applied`, `refused`, `denied`, `not-applied`, `unknown`; `answered` of what is no command.
/// </param>
/// <param name="Operation">What was to be done, as `user-add`; or the call, where nothing more is known.</param>
/// <param name="Principal">Empty for nobody.</param>
/// <param name="Subject">Names what it was done to.</param>
internal readonly record struct AuditRecord(string Outcome, string Operation, string Principal, AuditCaller Caller, Command? Subject = null)
{
    /// <summary>Why it was refused.</summary>
    public string? Code { get; init; }

    /// <summary>Of the store behind it; 0 when unknown.</summary>
    public long Revision { get; init; }
}
