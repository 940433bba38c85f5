using System.Net.Sockets;
using System.Text;

namespace RestKv.Api.Telemetry;

/// <summary>
/// Tells systemd what the node does, when it was started with `Type=notify`: datagrams to the socket named in
/// $NOTIFY_SOCKET (sd_notify(3)). Without that variable every call does nothing.
/// </summary>
public sealed class SystemdNotifier : IDisposable
{
    private readonly Socket? _socket;

    public SystemdNotifier(string? notifySocket)
    {
        if (string.IsNullOrEmpty(notifySocket))
        {
            return;
        }

        // A leading @ names a socket of the abstract namespace, whose first byte is zero.
        var path = notifySocket.StartsWith('@') ? "\0" + notifySocket[1..] : notifySocket;
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        _socket.Connect(new UnixDomainSocketEndPoint(path));
    }

    /// <summary>False when this process was not started with `Type=notify`.</summary>
    public bool IsActive => _socket is not null;

    public static SystemdNotifier FromEnvironment() => new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));

    /// <summary>Half of the watchdog interval systemd set for this process, or null.</summary>
    public static TimeSpan? WatchdogPeriod(string? watchdogMicroseconds) =>
        long.TryParse(watchdogMicroseconds, out var microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds / 2.0)
            : null;

    public void Ready(string status) => Send($"READY=1\nSTATUS={status}");

    public void Status(string status) => Send($"STATUS={status}");

    public void Stopping() => Send("STOPPING=1");

    public void Watchdog() => Send("WATCHDOG=1");

    public void Dispose() => _socket?.Dispose();

    private void Send(string text)
    {
        try
        {
            _socket?.Send(Encoding.UTF8.GetBytes(text));
        }
        catch (SocketException)
        {
            // systemd is being restarted or is gone. Serving does not depend on who watches; its watchdog decides.
        }
    }
}
