using System.Collections.Concurrent;

namespace RestKv.Api.Http;

/// <summary>
/// Idempotency keys whose first request is still running on this member. A retry that overtakes its original waits here
/// instead of filling the log. Bounded by the requests in flight.
/// </summary>
internal sealed class InFlightKeys
{
    private readonly ConcurrentDictionary<(string Author, string Key), TaskCompletionSource> _running = new();

    /// <summary>Takes the key, or gives the task that ends with the request that holds it.</summary>
    public Task? TryEnterAsync(string author, string key)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = _running.GetOrAdd((author, key), mine);
        return ReferenceEquals(running, mine) ? null : running.Task;
    }

    public void Leave(string author, string key)
    {
        if (_running.TryRemove((author, key), out var running))
        {
            running.SetResult();
        }
    }
}
