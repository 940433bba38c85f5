using RestKv.Checkers.History;
using RestKv.Checkers.Leases;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Checkers.Tests;

public sealed class LeaseGuaranteesTests
{
    private const long Second = 1_000_000_000;
    private static readonly LeaseId Id = new(7);

    [Fact]
    public void An_expiry_in_time_is_accepted() => Assert.Empty(Check(Ended(11 * Second), Grant(0), Renew(1, Second)));

    [Fact]
    public void An_expiry_before_the_ttl_is_rejected() =>
        Assert.Equal("I27", Assert.Single(Check(Ended(9 * Second), Grant(0))).Rule);

    [Fact]
    public void An_acknowledged_keep_alive_counts_from_its_sending() =>
        Assert.Equal("I27", Assert.Single(Check(Ended(14 * Second), Grant(0), Renew(1, 5 * Second))).Rule);

    [Fact]
    public void An_unanswered_keep_alive_promises_nothing_but_excuses_lateness()
    {
        var unanswered = Renew(1, 5 * Second) with { Outcome = HistoryOutcome.Unknown, End = HistoryOperation.Never, Reply = null };

        Assert.Empty(Check(Ended(11 * Second), Grant(0), unanswered));
        Assert.Empty(Check(Ended(16 * Second), Grant(0), unanswered));
    }

    [Fact]
    public void A_late_expiry_is_rejected() =>
        Assert.Equal("I28", Assert.Single(Check(Ended(12 * Second), Grant(0))).Rule);

    [Fact]
    public void A_lease_that_never_ends_is_rejected() => Assert.Equal("I28", Assert.Single(Check(null, Grant(0))).Rule);

    [Fact]
    public void Time_without_a_leader_does_not_count()
    {
        var evidence = new LeaseEvidence
        {
            Ends = [new LeaseEnd(Id, 15 * Second, DeleteCause.Expire)],
            EndOfRun = 60 * Second,
            Leaderless = [(3 * Second, 6 * Second)],
        };

        Assert.Empty(LeaseGuarantees.Check([Grant(0)], evidence));
        Assert.Single(LeaseGuarantees.Check([Grant(0)], evidence with { Leaderless = [(3 * Second, 5 * Second)] }));
    }

    [Fact]
    public void A_revoked_lease_has_no_time_to_keep()
    {
        var evidence = new LeaseEvidence { Ends = [new LeaseEnd(Id, Second, DeleteCause.Revoke)], EndOfRun = 60 * Second };

        Assert.Empty(LeaseGuarantees.Check([Grant(0)], evidence));
    }

    [Fact]
    public void A_put_with_its_own_ttl_is_a_grant()
    {
        var put = new Operation.Put("a"u8.ToArray(), "1"u8.ToArray()) { OwnTtlSeconds = 10 };
        var operation = Make(1, 0, new Command.Write(put), new OperationResult.Put(2, true, null, Id));

        Assert.Equal("I27", Assert.Single(Check(Ended(5 * Second), operation)).Rule);
    }

    private static IReadOnlyList<Violation> Check(LeaseEnd? end, params HistoryOperation[] operations) =>
        LeaseGuarantees.Check(operations, new LeaseEvidence { Ends = end is null ? [] : [end], EndOfRun = 60 * Second });

    private static LeaseEnd Ended(long at) => new(Id, at, DeleteCause.Expire);

    private static HistoryOperation Grant(long at) =>
        Make(1, at, new Command.LeaseGrant(Id, 10), new OperationResult.LeaseGranted(1, Id, 10));

    private static HistoryOperation Renew(int id, long at) =>
        Make(id + 1, at, new Command.LeaseRenew([Id]), new OperationResult.LeaseRenewed(1, [10]));

    private static HistoryOperation Make(int id, long at, Command command, OperationResult result) => new()
    {
        Id = id,
        Client = 1,
        Request = new HistoryRequest.Submit(command),
        Start = at,
        End = at + (Second / 2),
        Outcome = HistoryOutcome.Ok,
        Reply = new HistoryReply.Result(result),
    };
}
