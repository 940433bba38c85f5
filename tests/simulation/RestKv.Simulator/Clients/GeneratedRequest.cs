using RestKv.Checkers.History;

namespace RestKv.Simulator.Clients;

/// <param name="Hash">Stands for the request body where there is an idempotency key.</param>
/// <param name="IsRepeatable">True when repeating it can do no harm.</param>
internal sealed record GeneratedRequest(HistoryRequest Request, ulong Hash, bool IsRepeatable);
