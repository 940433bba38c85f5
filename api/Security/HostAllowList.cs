using System.Net;
using System.Net.Sockets;
using RestKv.Api.Hosting;

namespace RestKv.Api.Security;

/// <summary>
/// Which Host headers are ours. Stops DNS rebinding: a page of evil.example that points its name at 127.0.0.1 still says
/// "evil.example" here. IP literals are safe, since rebinding needs a name; what only some resolvers take for an address
/// (`127.1`, `0x7f000001`) is a name. The port is of no account.
/// </summary>
internal sealed class HostAllowList
{
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase) { "localhost" };
    private readonly bool _any;
    private string _lastAllowed = "localhost";

    public HostAllowList(NodeOptions options)
    {
        _names.Add(Environment.MachineName);
        foreach (var url in options.AdvertiseClientUrls)
        {
            _names.Add(url.Host);
        }

        foreach (var name in options.HostWhitelist)
        {
            _any |= name == "*";
            _names.Add(name);
        }
    }

    /// <param name="host">The Host header as it came; empty when there is none, which is no name of ours.</param>
    public bool Allows(string host)
    {
        // Requests of one client carry the same text over and over; a lost race costs one look-up.
        if (_any || host == Volatile.Read(ref _lastAllowed))
        {
            return true;
        }

        if (!IsAllowed(host))
        {
            return false;
        }

        Volatile.Write(ref _lastAllowed, host);
        return true;
    }

    private bool IsAllowed(ReadOnlySpan<char> host)
    {
        if (host.StartsWith('['))
        {
            var end = host.IndexOf(']');
            return end > 0 && (end + 1 == host.Length || host[end + 1] == ':')
                && IPAddress.TryParse(host[1..end], out var six) && six.AddressFamily == AddressFamily.InterNetworkV6;
        }

        var colon = host.LastIndexOf(':');
        var name = colon < 0 ? host : host[..colon];
        return IsDottedQuad(name) || (name.Length > 0 && _names.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name));
    }

    private static bool IsDottedQuad(ReadOnlySpan<char> name)
    {
        Span<char> canonical = stackalloc char[15];
        return IPAddress.TryParse(name, out var address) && address.AddressFamily == AddressFamily.InterNetwork
            && address.TryFormat(canonical, out var length) && name.SequenceEqual(canonical[..length]);
    }
}
