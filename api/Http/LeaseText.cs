using System.Globalization;
using RestKv.Api.Errors;
using RestKv.Core.Model;

namespace RestKv.Api.Http;

/// <summary>Lease ids and lifetimes in text.</summary>
internal static class LeaseText
{
    private const int DigitsMax = 16;

    /// <summary>One to sixteen hexadecimal digits that are not all zero.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out LeaseId id)
    {
        id = default;
        if (text.Length is 0 or > DigitsMax
            || !ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        id = new LeaseId((long)number);
        return !id.IsNone;
    }

    /// <summary>No lease can have an id that is none, so a malformed one is a lease that does not exist.</summary>
    public static LeaseId Read(string text, ref QueryReader query)
    {
        if (!TryParse(text, out var id))
        {
            query.Fail(ProblemCatalog.LeaseNotFound, "lease ids are 1 to 16 hexadecimal digits", Parameters.Lease.Name);
        }

        return id;
    }

    public static long WholeSeconds(TimeSpan ttl, ref QueryReader query)
    {
        if (ttl.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            query.Fail(ProblemCatalog.BadDuration, "leases live for whole seconds", Parameters.Ttl.Name);
        }

        return (long)ttl.TotalSeconds;
    }
}
