namespace RestKv.Testing;

/// <summary>
/// What an action allocates by itself. What the runtime does now and then on the same thread (a method is compiled anew, say) is
/// in one measurement and not in all of them, and an allocation of the action is in each.
/// </summary>
public static class Allocations
{
    private const int Measurements = 5;

    /// <summary>Bytes allocated by the calling thread in the cheapest of several runs; the action is warm already.</summary>
    public static long Of(Action action)
    {
        var least = long.MaxValue;
        for (var i = 0; i < Measurements; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
