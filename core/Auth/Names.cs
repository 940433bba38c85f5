using System.Collections.Immutable;

namespace RestKv.Core.Auth;

/// <summary>Names of users and roles: compared by their characters alone, the same on every machine.</summary>
internal static class Names
{
    public static ImmutableSortedSet<string> SetOf(IEnumerable<string> names) =>
        ImmutableSortedSet.CreateRange(StringComparer.Ordinal, names);
}
