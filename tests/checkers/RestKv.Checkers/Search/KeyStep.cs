namespace RestKv.Checkers.Search;

/// <summary>One operation as far as it concerns one key.</summary>
/// <param name="Id">The operation's id; negative for what the store may have done by itself (a lease that ended).</param>
/// <param name="IsRequired">False when it may also never have happened; then <paramref name="End"/> does not count.</param>
/// <param name="Rules">The ways it may have acted, at least one; exactly one when its answer is known.</param>
public sealed record KeyStep(int Id, long Start, long End, bool IsRequired, IReadOnlyList<KeyRule> Rules)
{
    /// <summary>True when it only looks: taking it early can do no harm.</summary>
    public bool IsLook => Rules.Count == 1 && Rules[0].Effect == KeyEffect.None;
}
