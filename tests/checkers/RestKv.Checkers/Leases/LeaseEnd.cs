using RestKv.Core.Model;

namespace RestKv.Checkers.Leases;

/// <summary>A lease was seen to end.</summary>
/// <param name="At">When it was first seen, in the history's nanoseconds.</param>
/// <param name="Cause">Expire, or anything else for which no time is promised.</param>
public sealed record LeaseEnd(LeaseId Id, long At, DeleteCause Cause);
