using System.Net.Sockets;
using System.Text;
using RestKv.Api.Telemetry;

namespace RestKv.Api.Tests.Telemetry;

public sealed class SystemdNotifierTests
{
    [Fact]
    public void States_arrive_at_the_socket_systemd_named()
    {
        var path = Path.Combine(Path.GetTempPath(), $"notify-{Guid.NewGuid():n}");
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(path));
        try
        {
            using var notifier = new SystemdNotifier(path);

            notifier.Ready("serving");
            notifier.Watchdog();
            notifier.Stopping();

            Assert.Equal(["READY=1\nSTATUS=serving", "WATCHDOG=1", "STOPPING=1"], [Receive(systemd), Receive(systemd), Receive(systemd)]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_socket_that_went_away_is_no_error()
    {
        var path = Path.Combine(Path.GetTempPath(), $"notify-{Guid.NewGuid():n}");
        var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(path));
        using var notifier = new SystemdNotifier(path);
        systemd.Dispose();
        File.Delete(path);

        Assert.Null(Record.Exception(() => notifier.Ready("serving")));
    }

    [Theory]
    [InlineData("2000000", 1000)]
    [InlineData(null, null)]
    [InlineData("0", null)]
    [InlineData("soon", null)]
    public void The_watchdog_is_answered_twice_in_its_interval(string? microseconds, int? milliseconds) =>
        Assert.Equal(
            milliseconds is { } expected ? TimeSpan.FromMilliseconds(expected) : null,
            SystemdNotifier.WatchdogPeriod(microseconds));

    private static string Receive(Socket socket)
    {
        var buffer = new byte[256];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }
}
