using System.Collections.Immutable;
using RestKv.Core.Alarms;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Leases;
using RestKv.Core.Members;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Core.Outcomes;
using RestKv.Raft;

namespace RestKv.Core;

/// <summary>
/// The replicated machine: entries in, results out, the same on every member. The only place that assigns revisions.
/// Owned by the replica thread.
/// </summary>
public sealed partial class KvStateMachine
{
    private readonly MachineOptions _options;
    private readonly OperationExecutor _executor;
    private ulong _leaseSeed;

    public KvStateMachine(MachineOptions options)
        : this(options, new MvccState(options.Mvcc))
    {
    }

    internal KvStateMachine(MachineOptions options, MvccState store)
    {
        _options = options;
        Store = store;
        Outcomes = new OutcomeTable(options.Outcomes);
        _executor = new OperationExecutor(Store, Leases, options.LeasesMax) { NewLeaseId = NewLeaseId };
    }

    public MvccState Store { get; }

    public LeaseTable Leases { get; } = new();

    public OutcomeTable Outcomes { get; }

    public RevisionClock Clock { get; } = new();

    public Retention Retention { get; private set; } = Retention.Default;

    public MemberList Members { get; private set; } = MemberList.Empty;

    public AlarmList Alarms { get; private set; } = AlarmList.Empty;

    /// <summary>
    /// A compaction at revision 0 was asked for and done, which gives up nothing and can be done once: then, as after any other,
    /// the next one must go further.
    /// </summary>
    public bool HasCompactedNothing { get; private set; }

    /// <summary>Told of the revision before history up to it becomes unreadable.</summary>
    public Action<long>? BeforeCompact { get; set; }

    /// <summary>Told of marks and reports as they are applied.</summary>
    public IStateChecks? StateChecks { get; set; }

    /// <summary>Highest cluster time of an applied entry; what deadlines are judged by.</summary>
    public long ClusterTimeMs { get; private set; }

    /// <summary>Highest wall time of an applied entry: labels never go back.</summary>
    public long WallTimeMs { get; private set; }

    /// <summary>Log index of the last applied entry.</summary>
    public long AppliedIndex { get; private set; }

    /// <summary>Applies one entry; an empty payload is a leader's no-op and changes only the index.</summary>
    public AppliedResult Apply(long index, ReadOnlyMemory<byte> payload)
    {
        Invariant.Check(index == AppliedIndex + 1);
        AppliedIndex = index;
        if (payload.IsEmpty)
        {
            return new AppliedResult(new OperationResult.Kept(Store.Revision), false);
        }

        if (!Envelope.TryDecode(payload, out var envelope))
        {
            return Reject(RejectionCode.UnknownCommand);
        }

        var before = Store.Revision;
        ClusterTimeMs = Math.Max(ClusterTimeMs, envelope.ClusterTimeMs);
        WallTimeMs = Defects.Has(Defect.LetWallTimeGoBack) ? envelope.WallTimeMs : Math.Max(WallTimeMs, envelope.WallTimeMs);
        _executor.ClusterTimeMs = ClusterTimeMs;
        _leaseSeed = (ulong)index;
        Outcomes.Advance(ClusterTimeMs);
        var authority = Authority.Unlimited;
        var applied = Auth.IsEnabled && Recognise(envelope, out authority) is var code and not RejectionCode.None
            ? Reject(code)
            : envelope.IdempotencyKey.IsEmpty ? ApplyAllowed(envelope, authority) : ApplyOnce(envelope, authority);
        if (Store.Revision != before)
        {
            Clock.Observe(ClusterTimeMs, Store.Revision, Retention.AgeMs);
        }

        return applied;
    }

    /// <summary>
    /// Equal on all members that applied the same entries: the store's history, leases, members and rights. Takes time in
    /// proportion to the number of leases.
    /// </summary>
    public ulong Digest()
    {
        var digest = StateHash.Mix(Store.Digest(), (ulong)ClusterTimeMs);
        foreach (var lease in Leases.ToArray())
        {
            digest = StateHash.Mix(digest, (ulong)lease.Id.Value);
            digest = StateHash.Mix(digest, (ulong)lease.DeadlineMs);
        }

        foreach (var alarm in Alarms.Alarms)
        {
            digest = StateHash.Mix(digest, (ulong)alarm.Member.Value ^ (ulong)alarm.Kind);
        }

        foreach (var member in Members.Members)
        {
            digest = StateHash.Mix(digest, (ulong)member.Id.Value ^ (ulong)member.Wanted);
            digest = StateHash.Mix(digest, StateHash.Of(member.Name));
        }

        // Not while nobody uses it: members of an older version, which know nothing of it, must come to the same digest.
        return StateHash.Mix(Auth.IsUntouched ? digest : StateHash.Mix(digest, AuthDigest), (ulong)Outcomes.Count);
    }

    /// <summary>Everything a snapshot needs besides the view, copied or shared immutably: any thread may write it out.</summary>
    public MachineImage Capture(ReadView view) => new(
        view, AppliedIndex, ClusterTimeMs, WallTimeMs, Retention, Members, Alarms, HasCompactedNothing, Leases.ToArray(),
        [.. Clock.Samples], Outcomes.Capture(), Outcomes.KnownFromMs)
    {
        Auth = Auth,
    };

    /// <summary>
    /// Makes this the first state of another cluster: revisions and log indexes go on behind everything that the cluster of the
    /// backup may have given out since, and nothing before can be read. Keys, leases with the time they had left, and outcomes
    /// of idempotency keys stay: a write that is in the state was applied, whoever asks. So do users, roles and tokens; who had
    /// logged in at the old cluster has not at this one.
    /// </summary>
    /// <param name="members">Of the new cluster, as far as they are known; the old one's are forgotten, and so are their alarms.</param>
    public void Jump(long distance, MemberList members)
    {
        Invariant.Check(distance > 0);
        Members = members;
        Alarms = AlarmList.Empty;
        Auth = Auth with { Sessions = SessionTable.Empty, Ended = SessionTable.Empty };
        AppliedIndex += distance;
        Store.JumpTo(Store.Revision + distance);
        Clock.Trim(Store.Revision);
    }

    /// <summary>Takes over what a snapshot says about everything but the store, then rebuilds lease attachments.</summary>
    internal void Restore(
        long appliedIndex, long clusterTimeMs, long wallTimeMs, Retention retention, MemberList members, AlarmList alarms,
        bool hasCompactedNothing, AuthTable auth, ImmutableArray<LeaseFacts> leases)
    {
        Alarms = alarms;
        HasCompactedNothing = hasCompactedNothing;
        Auth = auth;
        AppliedIndex = appliedIndex;
        ClusterTimeMs = clusterTimeMs;
        WallTimeMs = wallTimeMs;
        Retention = retention;
        Members = members;
        foreach (var lease in leases)
        {
            Leases.Grant(lease.Id, lease.TtlSeconds, lease.DeadlineMs, lease.IsOwned);
        }

        if (leases.IsEmpty)
        {
            return;
        }

        var cursor = Store.Scan(KeyRange.All);
        while (cursor.MoveNext())
        {
            if (!cursor.Current.Lease.IsNone)
            {
                Leases.Attach(cursor.Current.Lease, cursor.Current.Key.Span);
            }
        }
    }

    private AppliedResult ApplyOnce(in Envelope envelope, in Authority authority)
    {
        var key = envelope.IdempotencyKey;
        if (!Defects.Has(Defect.ApplyRetryTwice) && Outcomes.TryFind(envelope.Author, key.Span, out var known))
        {
            return known.Status == IdempotencyStatus.Cancelled ? Reject(RejectionCode.IdempotencyCancelled)
                : known.RequestHash != envelope.RequestHash ? Reject(RejectionCode.IdempotencyMismatch)
                : new AppliedResult(Recall(known, envelope, authority), true);
        }

        // After the look-up: who asks what became of a request that was allowed gets its answer, though without the entries that
        // were in it when they are nothing to show any more. Before anything is kept: a
        // refusal ends with the missing right, and takes no room.
        if (!IsAllowed(envelope.Command, authority))
        {
            return Reject(RejectionCode.PermissionDenied);
        }

        if (!Outcomes.TryMakeRoom(ClusterTimeMs))
        {
            return Reject(RejectionCode.IdempotencyTableFull);
        }

        var result = Dispatch(envelope);
        var status = result is OperationResult.Rejected ? IdempotencyStatus.Rejected : IdempotencyStatus.Applied;
        Outcomes.Add(envelope.Author, key.Span, envelope.RequestHash, ClusterTimeMs, status, result);
        return new AppliedResult(result, false);
    }

    private OperationResult Dispatch(in Envelope envelope)
    {
        if (Alarms.RefusalOf(envelope.Command) is var refusal and not RejectionCode.None)
        {
            return new OperationResult.Rejected(Store.Revision, new Rejection(refusal));
        }

        switch (envelope.Command)
        {
            case Command.Write write:
                return _executor.Run(write.Operation, WallTimeMs, envelope.Author);
            case Command.Compact compact:
                return Compact(compact);
            case Command.LeaseGrant grant:
                return Grant(grant);
            case Command.LeaseRenew renew:
                var seconds = renew.Ids.Select(id => Leases.Renew(id, ClusterTimeMs)).ToArray();
                return new OperationResult.LeaseRenewed(Store.Revision, seconds);
            case Command.LeaseRenewFor renew:
                return RenewFor(renew);
            case Command.LeaseRevoke revoke:
                return Leases.Contains(revoke.Id)
                    ? Drop(revoke.Id, DeleteCause.Revoke, envelope.Author)
                    : new OperationResult.Rejected(
                        Store.Revision, new Rejection(RejectionCode.LeaseNotFound, revoke.Id.Value));
            case Command.LeaseExpire expire:
                // A renewal that was logged first wins, on every member alike.
                return Leases.TryGet(expire.Id, out var facts)
                    && (facts.DeadlineMs <= ClusterTimeMs || Defects.Has(Defect.ExpireDespiteRenewal) || Defects.Has(Defect.ExpireEarly))
                    ? Drop(expire.Id, DeleteCause.Expire, "")
                    : new OperationResult.LeaseRevoked(Store.Revision, 0);
            case Command.SettleOutcome settle:
                return Settle(envelope.Author, settle.Key);
            case Command.SetRetention set:
                Retention = set.Retention;
                return new OperationResult.RetentionSet(Store.Revision, Retention);
            case Command.SetAlarm set:
                return Set(set);
            case Command.Tick:
                return new OperationResult.Kept(Store.Revision);
            case Command.StateMark:
                StateChecks?.Marked(AppliedIndex, Store.Revision, Digest());
                return new OperationResult.Kept(Store.Revision);
            case Command.StateReport report:
                StateChecks?.Reported(report.Member, report.Index, report.Digest);
                Members = MemberChanges.Reported(Members, report.Member, envelope.Incarnation, report.Index);
                return new OperationResult.Kept(Store.Revision);
            case Command.MemberChange change:
                var members = Members;
                var changed = MemberChanges.Apply(change, Store.Revision, ref members, NewMemberId);
                Members = members;
                return changed;
            case Command.AuthChange change:
                return ChangeAuth(change);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private OperationResult Compact(Command.Compact compact)
    {
        var revision = compact.Revision;
        var given = Store.CompactedRevision > 0 ? Store.CompactedRevision : HasCompactedNothing ? 0 : -1;
        if (compact.MustAdvance && revision <= given)
        {
            return new OperationResult.Rejected(Store.Revision, new Rejection(RejectionCode.RevisionCompacted, given));
        }

        if (revision > Store.Revision)
        {
            return new OperationResult.Rejected(
                Store.Revision, new Rejection(RejectionCode.RevisionInFuture, Store.Revision));
        }

        if (revision > Store.CompactedRevision)
        {
            BeforeCompact?.Invoke(revision);
            Store.Compact(revision);
            Clock.Trim(revision);
        }

        HasCompactedNothing |= compact.MustAdvance;
        return new OperationResult.Compacted(Store.Revision, Store.CompactedRevision);
    }

    private OperationResult Set(Command.SetAlarm set)
    {
        var before = Alarms;
        if (set.IsRaised && Alarms.Alarms.Count >= AlarmList.AlarmsMax)
        {
            return new OperationResult.Rejected(Store.Revision, new Rejection(RejectionCode.AlarmLimit, AlarmList.AlarmsMax));
        }

        Alarms = set.IsRaised ? before.With(set.Alarm) : before.Without(set.Alarm);
        return new OperationResult.AlarmSet(Store.Revision, Alarms.Alarms.Count != before.Alarms.Count);
    }

    private OperationResult Grant(Command.LeaseGrant grant)
    {
        if (!grant.Id.IsNone && Leases.Contains(grant.Id))
        {
            return new OperationResult.Rejected(
                Store.Revision, new Rejection(RejectionCode.LeaseExists, grant.Id.Value));
        }

        if (Leases.Count >= _options.LeasesMax)
        {
            return new OperationResult.Rejected(
                Store.Revision, new Rejection(RejectionCode.LeaseLimit, _options.LeasesMax));
        }

        var id = grant.Id.IsNone ? NewLeaseId() : grant.Id;
        Leases.Grant(id, grant.TtlSeconds, ClusterTimeMs + (grant.TtlSeconds * 1000), isOwned: false);
        return new OperationResult.LeaseGranted(Store.Revision, id, grant.TtlSeconds);
    }

    private OperationResult.LeaseRevoked Drop(LeaseId id, DeleteCause cause, string author)
    {
        var deleted = _executor.DropLease(id, cause, WallTimeMs, author);
        return new OperationResult.LeaseRevoked(Store.Revision, deleted);
    }

    private OperationResult Settle(string author, string key)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(key);
        var record = Lookup(author, bytes);
        if (record.Status == IdempotencyStatus.NotFound)
        {
            if (!Outcomes.TryMakeRoom(ClusterTimeMs))
            {
                return new OperationResult.Rejected(Store.Revision, new Rejection(RejectionCode.IdempotencyTableFull));
            }

            Outcomes.Add(author, bytes, 0, ClusterTimeMs, IdempotencyStatus.Cancelled, revision: 0, result: default);
            record = record with { Status = IdempotencyStatus.Cancelled };
        }

        return new OperationResult.OutcomeSettled(Store.Revision, record);
    }

    /// <summary>What is known of an idempotency key.</summary>
    public IdempotencyRecord Lookup(string author, ReadOnlySpan<byte> key) =>
        Outcomes.TryFind(author, key, out var entry)
            ? new IdempotencyRecord(
                entry.Status, entry.Revision, entry.Result.IsEmpty ? null : Recall(entry), Outcomes.KnownFromMs)
            : new IdempotencyRecord(IdempotencyStatus.NotFound, 0, null, Outcomes.KnownFromMs);

    private OperationResult Recall(in OutcomeEntry entry, in Envelope envelope, in Authority authority) =>
        entry.Status == IdempotencyStatus.Rejected || IsAllowed(envelope.Command, authority)
            ? Recall(entry)
            : new OperationResult.Kept(entry.Revision);

    private static OperationResult Recall(in OutcomeEntry entry) =>
        ResultCodec.Decode(entry.Result) ?? new OperationResult.Kept(entry.Revision);

    private AppliedResult Reject(RejectionCode code) =>
        new(new OperationResult.Rejected(Store.Revision, new Rejection(code)), false);

    /// <summary>The same on every member: drawn from the entry's index.</summary>
    private NodeId NewMemberId(MemberList members)
    {
        // Not the numbers that a lease of the same entry's index would get.
        var draw = new SplitMix64(~_leaseSeed);
        while (true)
        {
            var id = new NodeId((long)(draw.Next() & long.MaxValue));
            if (!id.IsNone && members.Find(id) is null && !members.Removed.Contains(id))
            {
                return id;
            }
        }
    }

    /// <summary>The same on every member: drawn from the entry's index.</summary>
    private LeaseId NewLeaseId()
    {
        var draw = new SplitMix64(_leaseSeed);
        while (true)
        {
            var id = new LeaseId((long)(draw.Next() & long.MaxValue));
            if (!id.IsNone && !Leases.Contains(id))
            {
                return id;
            }
        }
    }
}

/// <param name="Replayed">True when the result is the stored one of an earlier arrival.</param>
public readonly record struct AppliedResult(OperationResult Result, bool Replayed);
