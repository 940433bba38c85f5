namespace RestKv.Simulator.Engine;

/// <summary>
/// Situations that must come up now and then, or the runs prove less than they seem to. Each is named where it is met and
/// listed here, so that one that is never met shows as a zero.
/// </summary>
public sealed class Sometimes
{
    public static readonly IReadOnlyList<string> Names =
    [
        "acknowledged write", "answer lost", "request lost", "request refused while down", "retry applied once and answered again",
        "retry after a crash recognised", "idempotency mismatch", "outcome settled", "outcome settled before its request",
        "compare failed", "nested transaction", "transaction refused whole", "delete of many keys", "delete of nothing",
        "read of the past", "read below the floor refused", "read of the future refused", "local read", "key history",
        "page cut by limit",
        "lease granted", "lease renewed", "renewal of a lease that is gone", "lease revoked", "lease expired", "expired lease had keys",
        "renewal overtook an expiry", "lease outlived a restart",
        "compaction", "automatic compaction", "compaction of the newest revision", "compaction already done", "compaction in slices",
        "kill", "power cut", "power cut at a call", "power cut in recovery", "power cut during a snapshot", "sync error", "disk full",
        "write refused for space", "log could not grow", "space came back", "pause", "slow disk", "wall clock jumped",
        "torn tail cut", "segment rolled", "snapshot saved", "snapshot failed for space", "recovered from a snapshot",
        "recovered from the log alone", "unacknowledged write survived", "unacknowledged write vanished", "several batches in one flush",
        "watch resumed", "watch resumed inside a revision", "watch found history gone", "watch demoted",
        "watch caught up from history", "bookmark sent",
        "watch resumed on another member", "deletion seen by a watch",
        "leader changed", "two leaders at once", "leader stepped down", "message lost", "message repeated", "link cut",
        "read by quorum round", "read refused without leader", "proposal dropped",
        "forward sent", "forward applied", "forward refused", "forward dropped by higher term", "forward of unknown outcome",
        "log window trimmed past a follower", "snapshot transfer broke off", "snapshot transfer resumed",
        "snapshot transfer overtaken by another", "no room for a received snapshot", "received snapshot came too late",
        "leader asked to hand over", "leader cut off asleep", "storm of elections", "killed after a vote",
        "killed after an election", "snapshot installed", "snapshot installed while a watch is open",
    ];

    private readonly SortedDictionary<string, long> _hits = new(StringComparer.Ordinal);

    public Sometimes()
    {
        foreach (var name in Names)
        {
            _hits.Add(name, 0);
        }
    }

    public IReadOnlyDictionary<string, long> Hits => _hits;

    public void Hit(string name) => _hits[name]++;

    public void HitIf(bool condition, string name)
    {
        if (condition)
        {
            Hit(name);
        }
    }

    public void Add(Sometimes other)
    {
        foreach (var (name, count) in other._hits)
        {
            _hits[name] += count;
        }
    }
}
