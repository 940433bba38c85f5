using System.Net;
using Xunit;

namespace RestKv.Testing;

/// <summary>
/// Loopback addresses that nobody else uses: one for each call and each process, so that servers under test may have the
/// well-known ports and keep them over restarts. A free port that was found and given back can be lost to somebody else.
/// </summary>
public static class LoopbackAddresses
{
    private static int last;

    public static IPAddress Next()
    {
        var call = Interlocked.Increment(ref last);
        Assert.True(call < 255, "too many addresses for one process");

        // 127.0.x.x stays free: that is where everybody else listens.
        var process = Environment.ProcessId;
        return new IPAddress([127, (byte)(1 + (process / 256 % 254)), (byte)(process % 256), (byte)call]);
    }
}
