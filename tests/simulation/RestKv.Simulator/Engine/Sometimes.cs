using System.Collections.Frozen;

namespace RestKv.Simulator.Engine;

/// <summary>
/// Situations that must come up now and then, or the runs prove less than they seem to. Each is named where it is met and
/// listed here, so that one that is never met shows as a zero.
/// </summary>
public sealed class Sometimes
{
    private static readonly FrozenDictionary<string, int> Places =
        SituationNames.All.Select((name, i) => (name, i)).ToFrozenDictionary(pair => pair.name, pair => pair.i, StringComparer.Ordinal);

    private readonly long[] _hits = new long[SituationNames.All.Count];

    /// <summary>Names and hits, in the order of the list.</summary>
    public IEnumerable<(string Name, long Hits)> Hits => SituationNames.All.Select((name, i) => (name, _hits[i]));

    public void Hit(string name) => _hits[Places[name]]++;

    public void HitIf(bool condition, string name)
    {
        if (condition)
        {
            Hit(name);
        }
    }

    public void Add(Sometimes other)
    {
        for (var i = 0; i < _hits.Length; i++)
        {
            _hits[i] += other._hits[i];
        }
    }
}
