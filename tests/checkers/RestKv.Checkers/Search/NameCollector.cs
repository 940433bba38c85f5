using RestKv.Checkers.History;
using RestKv.Checkers.Model;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Checkers.Search;

/// <summary>Finds every key and value that a history mentions.</summary>
internal sealed class NameCollector(SortedSet<string> keys)
{
    public SortedSet<string> Values { get; } = new(StringComparer.Ordinal);

    public void Collect(HistoryOperation operation)
    {
        switch (operation.Request)
        {
            case HistoryRequest.Submit { Command: Command.Write write }:
                Collect(write.Operation);
                break;
            case HistoryRequest.Read read:
                Collect(read.Range.Range);
                break;
        }

        if (operation.Reply is HistoryReply.Result reply)
        {
            Collect(reply.Value);
        }
    }

    private void Collect(Operation operation)
    {
        switch (operation)
        {
            case Operation.Put put:
                keys.Add(Bytes.Name(put.Key));
                Values.Add(Bytes.Name(put.Value));
                break;
            case Operation.Delete delete:
                Collect(delete.Range);
                break;
            case Operation.Get get:
                Collect(get.Request.Range);
                break;
            case Operation.Txn txn:
                foreach (var compare in txn.If)
                {
                    Collect(compare.Range);
                    Values.Add(Bytes.Name(compare.Bytes));
                }

                foreach (var inner in txn.Then.Concat(txn.Else))
                {
                    Collect(inner);
                }

                break;
        }
    }

    private void Collect(OperationResult result)
    {
        switch (result)
        {
            case OperationResult.Put { Previous: { } previous }:
                Collect([previous]);
                break;
            case OperationResult.Delete delete:
                Collect(delete.Previous);
                break;
            case OperationResult.Get get:
                Collect(get.Result.Items);
                break;
            case OperationResult.Txn txn:
                foreach (var inner in txn.Results)
                {
                    Collect(inner);
                }

                break;
        }
    }

    private void Collect(IReadOnlyList<KeyValue> items)
    {
        foreach (var item in items)
        {
            keys.Add(Bytes.Name(item.Key));
            Values.Add(Bytes.Name(item.Value));
        }
    }

    private void Collect(KeyRange range)
    {
        if (range.Kind == KeyRangeKind.Single)
        {
            keys.Add(Bytes.Name(range.Start));
        }
    }
}
