namespace RestKv.Api.Http;

/// <summary>How fresh a read must be and how long it may take to get there.</summary>
internal readonly record struct ReadOptions(bool IsLocal, long MinRevision, long Revision, TimeSpan Timeout)
{
    /// <summary>Reads the parameters every read has; the spec must list them.</summary>
    public static ReadOptions Read(ref QueryReader query) => new(
        query.Choice(Parameters.Consistency) == 1,
        query.Integer(Parameters.MinRevision, 0, Errors.ProblemCatalog.BadRevision),
        query.Integer(Parameters.Revision, 0, Errors.ProblemCatalog.BadRevision),
        TimeoutOf(ref query));

    public static TimeSpan TimeoutOf(ref QueryReader query) =>
        query.Duration(Parameters.Timeout, TimeSpan.FromSeconds(HttpLimits.TimeoutSecondsDefault));
}
