using RestKv.Core.Model;

namespace RestKv.Core.Commands;

/// <summary>Cuts a result down to what a table of outcomes can keep, without ever encoding a large one.</summary>
public static class ResultDigest
{
    private const int ItemBytes = 48;
    private const int HeadBytes = 32;

    /// <summary>
    /// The result itself when it is small; else what it came to, without entries; else, for a transaction of many
    /// operations, which branch ran.
    /// </summary>
    /// <param name="bytesMax">Bound of the encoded form.</param>
    public static OperationResult Of(OperationResult result, int bytesMax)
    {
        if (Measure(result, bytesMax) <= bytesMax)
        {
            return result;
        }

        var verdict = WithoutEntries(result);
        if (Measure(verdict, bytesMax - HeadBytes) > bytesMax - HeadBytes && verdict is OperationResult.Txn txn)
        {
            verdict = txn with { Results = [] };
        }

        return new OperationResult.Kept(result.Revision, verdict);
    }

    /// <summary>An upper bound of the encoded length; stops soon after <paramref name="enough"/>.</summary>
    private static long Measure(OperationResult result, long enough)
    {
        long bytes = HeadBytes;
        switch (result)
        {
            case OperationResult.Put { Previous: { } previous }:
                bytes += Measure(previous);
                break;
            case OperationResult.Delete delete:
                bytes += Measure(delete.Previous, enough);
                break;
            case OperationResult.Get get:
                bytes += Measure(get.Result.Items, enough);
                break;
            case OperationResult.LeaseRenewed renewed:
                bytes += 8L * renewed.TtlSeconds.Count;
                break;
            case OperationResult.Txn txn:
                for (var i = 0; i < txn.Results.Count && bytes <= enough; i++)
                {
                    bytes += Measure(txn.Results[i], enough - bytes);
                }

                break;
        }

        return bytes;
    }

    private static long Measure(IReadOnlyList<KeyValue> items, long enough)
    {
        var bytes = 0L;
        for (var i = 0; i < items.Count && bytes <= enough; i++)
        {
            bytes += Measure(items[i]);
        }

        return bytes;
    }

    // A character is three bytes of UTF-8 at most.
    private static long Measure(in KeyValue item) => ItemBytes + item.Key.Length + item.Value.Length + (3L * item.Author.Length);

    private static OperationResult WithoutEntries(OperationResult result) => result switch
    {
        OperationResult.Put put => put with { Previous = null },
        OperationResult.Delete delete => delete with { Previous = [] },
        OperationResult.Get get => get with { Result = get.Result with { Items = [] } },
        OperationResult.Txn txn => txn with { Results = [.. txn.Results.Select(WithoutEntries)] },
        _ => result,
    };
}
