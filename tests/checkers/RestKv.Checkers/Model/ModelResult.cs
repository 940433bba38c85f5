using RestKv.Core.Commands;

namespace RestKv.Checkers.Model;

/// <summary>What the contract says about an entry.</summary>
/// <param name="Result">The answer; for a refusal, with the first of <paramref name="Reasons"/>.</param>
/// <param name="Reasons">Every reason that holds: the contract does not always say which of several wins.</param>
/// <param name="Replayed">True when an idempotency key made it the answer of an earlier entry.</param>
public sealed record ModelResult(OperationResult Result, IReadOnlyList<Rejection> Reasons, bool Replayed = false);
