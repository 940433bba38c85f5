using RestKv.Core.Commands;

namespace RestKv.Api.Endpoints;

/// <summary>Whether a write that was applied has changed anything.</summary>
internal static class WriteEffect
{
    /// <param name="isDigest">
    /// A digest of a transaction of very many operations tells no more than its branch: that counts as a change.
    /// </param>
    public static bool Changed(OperationResult result, bool isDigest = false) => result switch
    {
        OperationResult.Get => false,
        OperationResult.Delete delete => delete.Deleted > 0,
        OperationResult.Txn { Results.Count: 0 } => isDigest,
        OperationResult.Txn txn => txn.Results.Any(inner => Changed(inner, isDigest)),
        OperationResult.Kept { Verdict: { } verdict } => Changed(verdict, isDigest: true),
        _ => true,
    };
}
