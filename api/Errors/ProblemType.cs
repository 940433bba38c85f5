namespace RestKv.Api.Errors;

/// <summary>One kind of failure, as `/problems/{code}` explains it. Immutable; all of them are in <see cref="ProblemCatalog"/>.</summary>
/// <param name="Code">Stable name clients switch on.</param>
/// <param name="IsRetryable">True when the same request may succeed later and sending it again does no harm.</param>
/// <param name="Title">One sentence that is the same for every occurrence.</param>
internal sealed record ProblemType(int Status, string Code, string Title, bool IsRetryable = false)
{
    /// <summary>Where the failure is explained: on this very server, so it works without the Internet.</summary>
    public string Uri { get; } = "/problems/" + Code;
}
