using System.Diagnostics;
using Xunit;

namespace RestKv.Testing;

/// <summary>
/// Waits for a condition of something that runs by itself (a process, a socket). The deadline is generous: it says when a test
/// gives up, never how fast the product must be. Where the clock can be moved, move it instead.
/// </summary>
public static class Eventually
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    /// <summary>For several processes that start at once, on a machine that may have much else to do.</summary>
    public static readonly TimeSpan StartDeadline = Deadline * 3;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <param name="details">What else a failure should show, read only then.</param>
    /// <param name="deadline"><see cref="Deadline"/> unless given.</param>
    public static Task TrueAsync(Func<bool> condition, string what, Func<string>? details = null, TimeSpan? deadline = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, details, deadline);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what, Func<string>? details = null, TimeSpan? deadline = null)
    {
        var patience = deadline ?? Deadline;
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(Pause);
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) >= patience)
            {
                Assert.Fail($"gave up after {patience.TotalSeconds} s waiting for: {what}\n{details?.Invoke()}");
            }

            await timer.WaitForNextTickAsync();
        }
    }
}
