using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace RestKv.Api.Security.Auth;

/// <summary>
/// Slows down who guesses passwords: so many failures a minute for each user and for each address, then a delay that doubles.
/// Nobody is ever locked out: an address from which a user has logged in before is not held back for what others guess, and
/// every delay ends. Loopback addresses are exempt. Bounded; any thread.
/// </summary>
internal sealed class LoginLimits(TimeProvider time)
{
    private const int PerUser = 10;
    private const int PerAddress = 30;
    private const int KeysMax = 10_000;
    private const double DelaySecondsMax = 60;

    // Two small dictionaries that are changed together with their entries: a queue would only make logins wait for each other.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Failures> _failures = new(StringComparer.Ordinal);
    private readonly HashSet<(string User, IPAddress Address)> _known = [];

    /// <summary>How long the login must wait; zero when it may be tried now.</summary>
    public TimeSpan Delay(string user, IPAddress? address)
    {
        if (IsExempt(address))
        {
            return TimeSpan.Zero;
        }

        lock (_lock)
        {
            var byAddress = DelayOf("a" + PlaceOf(address!));
            return _known.Contains((user, address!)) ? byAddress : Longer(byAddress, DelayOf("u" + user));
        }
    }

    public void Failed(string user, IPAddress? address)
    {
        if (IsExempt(address))
        {
            return;
        }

        lock (_lock)
        {
            Count("u" + user, PerUser);
            Count("a" + PlaceOf(address!), PerAddress);
        }
    }

    public void Succeeded(string user, IPAddress? address)
    {
        if (IsExempt(address))
        {
            return;
        }

        lock (_lock)
        {
            if (_known.Count >= KeysMax)
            {
                _known.Clear();
            }

            _known.Add((user, address!));
        }
    }

    public static bool IsExempt(IPAddress? address) =>
        address is null || IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    /// <summary>Of version 6, whoever has one address has as many as the lower half of it counts.</summary>
    private static IPAddress PlaceOf(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.IsIPv4MappedToIPv6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(bytes.Length / 2).Clear();
        return new IPAddress(bytes);
    }

    private static TimeSpan Longer(TimeSpan left, TimeSpan right) => left > right ? left : right;

    private TimeSpan DelayOf(string key) =>
        _failures.TryGetValue(key, out var entry) && entry.HeldUntil > Now ? TimeSpan.FromSeconds(entry.HeldUntil - Now) : TimeSpan.Zero;

    private double Now => time.GetElapsedTime(0).TotalSeconds;

    /// <summary>A bucket that leaks its size in a minute; what goes beyond it is held back, longer each time.</summary>
    private void Count(string key, int perMinute)
    {
        if (_failures.Count >= KeysMax && !_failures.ContainsKey(key))
        {
            Forget();
        }

        var now = Now;
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_failures, key, out var isKnown);
        var left = isKnown ? Math.Max(0, entry.Level - ((now - entry.At) * perMinute / 60)) : 0;
        var strikes = left < perMinute / 2.0 ? 0 : entry.Strikes;
        var isOver = left + 1 > perMinute;
        entry = new Failures(
            Math.Min(left + 1, perMinute), now, isOver ? strikes + 1 : strikes,
            isOver ? now + Math.Min(DelaySecondsMax, Math.Pow(2, strikes)) : entry.HeldUntil);
    }

    private void Forget()
    {
        foreach (var (key, entry) in _failures.Where(pair => Now - pair.Value.At > 60).ToArray())
        {
            _failures.Remove(key);
        }

        if (_failures.Count >= KeysMax)
        {
            _failures.Clear();
        }
    }

    private readonly record struct Failures(double Level, double At, int Strikes, double HeldUntil);
}
