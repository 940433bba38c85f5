using RestKv.Checkers.Model;
using RestKv.Core.Commands;

namespace RestKv.Checkers.Witness;

/// <summary>One step of the order that the store claims: an entry of its log, or one put together from what clients saw.</summary>
/// <param name="OperationId">Whose request it is; null for what the store did by itself.</param>
/// <param name="Revision">The revision the store says it had after this step, checked; 0 when unknown.</param>
public sealed record CommittedEntry(Command Command, ModelContext Context, int? OperationId = null, long Revision = 0);
