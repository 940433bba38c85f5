using System.Net;
using System.Net.Sockets;

namespace RestKv.Api.Cli;

/// <summary>
/// Looks whether the addresses can be had before anything is made for them: the server itself listens last, and a data
/// directory that a mistyped port left behind is a riddle later. Somebody may still take the address in between; then the
/// server says so.
/// </summary>
internal static class ListenProbe
{
    /// <summary>What stands in the way of the first address that cannot be had, or null.</summary>
    public static string? FindFault(IReadOnlyList<Uri> urls)
    {
        foreach (var url in urls)
        {
            var address = IPAddress.TryParse(url.DnsSafeHost, out var parsed) ? parsed : IPAddress.Loopback;
            try
            {
                using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(address, url.Port));
                socket.Listen();
            }
            catch (SocketException failure)
            {
                return $"cannot listen on {url.Scheme}://{url.Authority}: {failure.Message}";
            }
        }

        return null;
    }
}
