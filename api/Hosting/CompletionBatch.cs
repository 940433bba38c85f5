namespace RestKv.Api.Hosting;

/// <summary>Waiters that are woken together: one work item of the pool for many, so that a batch costs few hand-overs.</summary>
internal sealed class CompletionBatch : IThreadPoolWorkItem
{
    private const int PerItem = 32;
    private readonly List<PendingOperation> _operations = new(PerItem);

    /// <summary>Wakes all in <paramref name="settled"/> and empties it.</summary>
    public static void Release(List<PendingOperation> settled)
    {
        for (var start = 0; start < settled.Count; start += PerItem)
        {
            var batch = new CompletionBatch();
            batch._operations.AddRange(
                System.Runtime.InteropServices.CollectionsMarshal.AsSpan(settled)
                    .Slice(start, Math.Min(PerItem, settled.Count - start)));
            ThreadPool.UnsafeQueueUserWorkItem(batch, preferLocal: false);
        }

        settled.Clear();
    }

    void IThreadPoolWorkItem.Execute()
    {
        foreach (var operation in _operations)
        {
            operation.Release();
        }
    }
}
