using System.Collections.Immutable;
using RestKv.Core.Alarms;
using RestKv.Core.Members;
using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Core.Commands;

/// <summary>What may be in a log entry. A closed set; each has one tag in the codec that never changes meaning.</summary>
public abstract partial record Command
{
    private Command()
    {
    }

    /// <summary>A put, delete or transaction.</summary>
    public sealed record Write(Operation Operation) : Command;

    /// <summary>Gives up history before a revision.</summary>
    /// <param name="MustAdvance">Refused when history was given up that far already (etcd's rule), instead of doing nothing.</param>
    public sealed record Compact(long Revision, bool MustAdvance = false) : Command;

    /// <summary>Makes a lease; with <see cref="LeaseId.None"/> the state machine picks the id.</summary>
    public sealed record LeaseGrant(LeaseId Id, long TtlSeconds) : Command;

    /// <summary>Starts the time of each lease anew. Renewals that wait together travel together.</summary>
    public sealed record LeaseRenew(ImmutableArray<LeaseId> Ids) : Command;

    /// <summary>Ends a lease and deletes its keys in one revision.</summary>
    public sealed record LeaseRevoke(LeaseId Id) : Command;

    /// <summary>The leader saw the deadline pass; applied only if it still has at this entry's cluster time.</summary>
    public sealed record LeaseExpire(LeaseId Id) : Command;

    /// <summary>Settles an idempotency key: from here on a late first arrival is refused.</summary>
    public sealed record SettleOutcome(string Key) : Command;

    /// <summary>Sets the automatic compaction policy of the cluster.</summary>
    public sealed record SetRetention(Retention Retention) : Command;

    /// <summary>Raises an alarm or lowers it.</summary>
    public sealed record SetAlarm(Alarm Alarm, bool IsRaised) : Command;

    /// <summary>A change of the member list. The voting membership follows, moved by the leader.</summary>
    public abstract record MemberChange : Command;

    /// <summary>Takes a member in.</summary>
    /// <param name="Id">None for a newcomer, whose id is drawn; given for those that were there before the list.</param>
    /// <param name="Replaces">The member that goes when the new one votes; mostly none.</param>
    public sealed record MemberAdd(
        NodeId Id, string Name, ImmutableArray<string> PeerUrls, MemberRole Wanted, NodeId Replaces) : MemberChange;

    /// <summary>
    /// What a member tells of itself when it has started. Refused when its data directory is another than before, or an older
    /// image of it.
    /// </summary>
    /// <param name="Incarnation">Number of the start; it rises with every one.</param>
    /// <param name="Life">Drawn by the start.</param>
    public sealed record MemberAnnounce(
        NodeId Id, string Name, ImmutableArray<string> ClientUrls, long StoreId, long Incarnation = 0, long Life = 0) : MemberChange;

    /// <summary>New addresses of a member.</summary>
    public sealed record MemberUpdate(NodeId Id, ImmutableArray<string> PeerUrls) : MemberChange;

    /// <summary>Wants a learner to vote.</summary>
    public sealed record MemberPromote(NodeId Id) : MemberChange;

    /// <summary>Sends a member away for ever.</summary>
    public sealed record MemberRemove(NodeId Id) : MemberChange;

    /// <summary>Asks what a change would be answered, by whoever would answer it, and changes nothing.</summary>
    public sealed record MemberDryRun(MemberChange Change) : MemberChange;

    /// <summary>A place in the log at which the members compare their states.</summary>
    public sealed record StateMark : Command;

    /// <summary>What a member's state hashed to when it had applied the mark at this index.</summary>
    public sealed record StateReport(NodeId Member, long Index, ulong Digest) : Command;

    /// <summary>Carries the leader's cluster time forward when a deadline is due and nothing else does.</summary>
    public sealed record Tick : Command;
}

/// <summary>
/// Automatic compaction: the newest <paramref name="Revisions"/> always stay; older ones while they are younger than
/// <paramref name="AgeMs"/> and history fits a quarter of the quota.
/// </summary>
public readonly record struct Retention(long Revisions, long AgeMs)
{
    public static readonly Retention Default = new(100_000, 3_600_000);
}
