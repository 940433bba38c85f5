namespace RestKv.Core;

/// <summary>
/// Which revision the store had at which cluster time, sampled coarsely: enough to say which history is older than an age.
/// Part of the replicated state. Owned by the replica thread.
/// </summary>
public sealed class RevisionClock
{
    private const int SamplesPerAge = 1024;
    private const long SpacingMsMin = 1000;
    private readonly List<(long TimeMs, long Revision)> _samples = [];

    public IReadOnlyList<(long TimeMs, long Revision)> Samples => _samples;

    /// <summary>Notes the revision in force from this time on, unless the last note is close enough.</summary>
    public void Observe(long timeMs, long revision, long ageMs)
    {
        var spacingMs = Math.Max(SpacingMsMin, ageMs / SamplesPerAge);
        if (_samples.Count == 0 || timeMs - _samples[^1].TimeMs >= spacingMs)
        {
            _samples.Add((timeMs, revision));
        }
    }

    /// <summary>The highest revision known to be at least as old as <paramref name="timeMs"/>; 0 when none is.</summary>
    public long RevisionAt(long timeMs)
    {
        var revision = 0L;
        foreach (var sample in _samples)
        {
            if (sample.TimeMs > timeMs)
            {
                break;
            }

            revision = sample.Revision;
        }

        return revision;
    }

    /// <summary>Forgets samples that only speak of compacted history.</summary>
    public void Trim(long compactedRevision)
    {
        var keep = _samples.FindIndex(sample => sample.Revision > compactedRevision);
        _samples.RemoveRange(0, Math.Max(0, keep < 0 ? _samples.Count : keep - 1));
    }

    public void Restore(long timeMs, long revision) => _samples.Add((timeMs, revision));
}
