namespace RestKv.Api.Cli.Import;

/// <summary>A lease of the target that stands for the lease of the source with the same id.</summary>
/// <param name="EndsAt">When it ends at the earliest, unless it is kept alive; in ticks of the clock.</param>
/// <param name="LookAt">When to look at the source's next.</param>
/// <param name="IsDate">The source's is long, and rather a date to end at than somebody's sign of life.</param>
internal sealed record MirroredLease(long Id, long EndsAt, long LookAt, bool IsDate);
