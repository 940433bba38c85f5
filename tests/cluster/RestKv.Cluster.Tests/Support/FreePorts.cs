using System.Net;
using System.Net.Sockets;

namespace RestKv.Cluster.Tests.Support;

/// <summary>
/// Ports that nobody has now, for members that must know each other's addresses before they start. From below the range that
/// connections are given theirs from, so that none is lost before its member takes it.
/// </summary>
internal static class FreePorts
{
    private const int First = 10_000;
    private const int Count = 20_000;

    private static int next = Environment.ProcessId * 37;

    public static int[] Take(int count)
    {
        var found = new List<int>();
        for (var tries = 0; found.Count < count && tries < Count; tries++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref next) % Count);
            if (IsFree(port))
            {
                found.Add(port);
            }
        }

        Assert.Equal(count, found.Count);
        return [.. found];
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
