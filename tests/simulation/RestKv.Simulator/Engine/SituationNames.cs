namespace RestKv.Simulator.Engine;

/// <summary>The names of <see cref="Sometimes"/>: what has to come up now and then.</summary>
public static class SituationNames
{
    public static readonly IReadOnlyList<string> All =
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
        "no room for a received snapshot", "received snapshot came too late",
        "leader asked to hand over", "leader cut off asleep", "storm of elections", "killed after a vote",
        "killed after an election", "snapshot installed", "snapshot installed while a watch is open",

        "refused as nobody", "refused for a missing right", "lease refused for a key of it", "rights began to count", "rights changed",

        // Members.
        "cluster of one grew", "cluster shrank to one", "disk wiped", "even number of voters", "five voters or more",
        "leader asked to hand over to no voter", "leader elected while somebody learns", "leader removed itself",
        "learner promoted", "learner removed", "learner taken in",
        "linearizable read on a learner", "local read on a learner", "member added that cannot be reached",
        "member asked to stand at once", "member told who it is", "members: add", "members: move", "members: promote",
        "members: remove", "members: remove the leader", "members: replace", "membership change of unknown outcome",
        "membership changed while a voter was down", "membership changed while links were cut",
        "membership committed by a later leader", "membership recovered from the log",
        "newcomer begins with a snapshot", "newcomer learned its id", "no voter runs",
        "promotion refused to a learner behind", "refused: LastVoter", "refused: MemberExists",
        "refused: MemberNotFound", "refused: MemberWiped", "removal refused for the quorum's sake",
        "removed member started again", "removed member turned away", "snapshot of removed members",
        "snapshot sent to a learner", "snapshot while somebody learns", "voter removed", "watch on a learner",
        "wiped member turned away", "write through a learner",

        // Elections and messages.
        "append of several terms", "append refused", "candidate by hand-over", "leader cut off awake",
        "leader elected with an uncommitted tail", "leader ended with uncommitted entries", "leader paused",
        "leader stepped down with uncommitted entries", "leader with a slow disk stepped down",
        "links cut one way or in part", "message for a process that is down", "message held up for long",
        "message of a lower term", "no majority runs", "pre-vote granted", "pre-vote refused", "read index asked",
        "read index refused", "several entries in one append", "two elections within a second",
        "uncommitted suffix overwritten", "vote granted", "vote refused",
        "write refused without leader",

        // Processes, disks, snapshots.
        "cluster time carried on", "flush took longer than a second", "log of several terms recovered",
        "process ended by a disk fault", "process ended during a flush", "process ended while it led",
        "process ended while it received a snapshot", "process ended while it saved a snapshot",
        "process ended with requests in hand", "recovery ended by a disk fault", "segment let go",
        "snapshot acknowledged", "snapshot and log recovered", "snapshot delivered", "snapshot given up",
        "snapshot installed with requests in hand", "snapshot of leases",
        "state reported", "states marked for comparison", "uncommitted tail recovered",
        "writes went on while a snapshot was saved",

        // Clients.
        "answer after the client gave up", "call of unknown outcome", "event with the value before",
        "expiry seen by a watch", "keep-alives of several leases in one entry", "lease revoked with several keys",
        "lease that exists already", "linearizable read on a follower", "put that keeps the lease",
        "put that keeps the value", "put that returns the value before", "put with a time to live",
        "read by a leader without others", "retention set",
        "retry of what may have happened", "revision of several events seen whole", "revocation seen by a watch",
        "several keys put at once", "value or lease to keep that is not there", "watch ended by its process",
        "watch from a future revision", "watch from a past revision", "watch from the floor of history",
        "watch that takes nothing for a while", "write under a lease that is gone",
    ];
}
