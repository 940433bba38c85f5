using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Core.Tests.Members;

public sealed class MemberListTests
{
    private static readonly NodeId One = new(1);
    private static readonly NodeId Two = new(2);
    private static readonly NodeId Three = new(3);
    private static readonly NodeId Drawn = new(99);

    [Fact]
    public void A_newcomer_learns_first_and_votes_when_it_is_ready()
    {
        var list = ListOf(One);
        Assert.IsType<OperationResult.MemberChanged>(Change(ref list, Newcomer("n2", "http://b:1")));
        var alone = new Membership([One], []);

        var learning = Assert.IsType<Membership>(MemberAlignment.NextStep(list, alone, _ => true));
        Assert.Equal(new Membership([One], [Drawn]), learning);
        Assert.Null(MemberAlignment.NextStep(list, learning, _ => false));
        Assert.Equal(new Membership([One, Drawn], []), MemberAlignment.NextStep(list, learning, id => id == Drawn));
    }

    [Fact]
    public void A_learner_that_is_to_stay_one_is_never_promoted_until_it_is_asked_for()
    {
        var list = ListOf(One);
        Change(ref list, Newcomer("n2", "http://b:1") with { Wanted = MemberRole.Learner });
        var learning = new Membership([One], [Drawn]);

        Assert.Null(MemberAlignment.NextStep(list, learning, _ => true));
        Change(ref list, new Command.MemberPromote(Drawn));
        Assert.Equal(new Membership([One, Drawn], []), MemberAlignment.NextStep(list, learning, _ => true));
    }

    [Fact]
    public void The_removed_go_and_their_ids_never_come_back()
    {
        var list = ListOf(One, Two, Three);
        var present = new Membership([One, Two, Three], []);
        Assert.IsType<OperationResult.MemberChanged>(Change(ref list, new Command.MemberRemove(Two)));

        Assert.Equal(new Membership([One, Three], []), MemberAlignment.NextStep(list, present, _ => true));
        Assert.Equal(RejectionCode.MemberExists, Refusal(ref list, Newcomer("again", "http://z:1") with { Id = Two }));
        Assert.Equal(RejectionCode.MemberNotFound, Refusal(ref list, new Command.MemberRemove(Two)));
    }

    [Fact]
    public void Somebody_is_left_to_vote()
    {
        var list = ListOf(One, Two);
        Change(ref list, new Command.MemberRemove(One));

        Assert.Equal(RejectionCode.LastVoter, Refusal(ref list, new Command.MemberRemove(Two)));
        Assert.Null(MemberAlignment.NextStep(list, new Membership([Two], []), _ => true));
    }

    [Fact]
    public void A_replacement_may_take_name_and_address_and_the_old_one_goes_when_it_votes()
    {
        var list = ListOf(One, Two, Three);
        var take = Newcomer("n2", "http://2:1");
        Assert.Equal(RejectionCode.MemberExists, Refusal(ref list, take));
        Assert.IsType<OperationResult.MemberChanged>(Change(ref list, take with { Replaces = Two }));

        Assert.Equal(NodeId.None, MemberAlignment.Replaced(list, new Membership([One, Two, Three], [Drawn])));
        Assert.Equal(Two, MemberAlignment.Replaced(list, new Membership([One, Two, Three, Drawn], [])));
        Change(ref list, new Command.MemberRemove(Two));
        Assert.Equal(NodeId.None, MemberAlignment.Replaced(list, new Membership([One, Two, Three, Drawn], [])));
    }

    [Fact]
    public void A_member_with_another_data_directory_is_refused_for_ever()
    {
        var list = ListOf(One);
        Assert.IsType<OperationResult.MemberChanged>(Change(ref list, new Command.MemberAnnounce(One, "n1", ["http://c:1"], 5)));
        Assert.IsType<OperationResult.MemberChanged>(Change(ref list, new Command.MemberAnnounce(One, "new", ["http://c:2"], 5)));

        Assert.Equal(RejectionCode.MemberWiped, Refusal(ref list, new Command.MemberAnnounce(One, "new", [], 6)));
        var member = Assert.Single(list.Members);
        Assert.Equal(("new", "http://c:2", 5L), (member.Name, member.ClientUrls[0], member.StoreId));
    }

    [Fact]
    public void A_start_that_was_there_before_is_an_older_image_of_the_directory()
    {
        var list = ListOf(One);
        Assert.IsType<OperationResult.MemberChanged>(Change(ref list, new Command.MemberAnnounce(One, "n1", [], 5, 3, Life: 30)));
        Assert.IsType<OperationResult.MemberChanged>(Change(ref list, new Command.MemberAnnounce(One, "n1", [], 5, 3, Life: 30)));

        Assert.Equal(RejectionCode.MemberRolledBack, Refusal(ref list, new Command.MemberAnnounce(One, "n1", [], 5, 3, Life: 31)));
        Assert.Equal(RejectionCode.MemberRolledBack, Refusal(ref list, new Command.MemberAnnounce(One, "n1", [], 5, 2, Life: 32)));
        Assert.Equal(RejectionCode.MemberWiped, Refusal(ref list, new Command.MemberAnnounce(One, "n1", [], 6, 9, Life: 33)));
        Assert.IsType<OperationResult.MemberChanged>(Change(ref list, new Command.MemberAnnounce(One, "n1", [], 5, 4, Life: 34)));
        Assert.Equal((4L, 34L), (list.Members[0].Incarnation, list.Members[0].Life));
    }

    [Fact]
    public void What_a_member_says_it_has_applied_is_kept_apart_by_the_start_that_said_it()
    {
        var list = MemberChanges.Reported(ListOf(One), One, incarnation: 2, index: 40);
        Assert.Equal(new HeldLog(2, 40, 0), list.Find(One)?.Held);

        list = MemberChanges.Reported(list, One, 2, 50);
        list = MemberChanges.Reported(list, One, 2, 45);
        list = MemberChanges.Reported(list, One, 1, 99);
        var held = Assert.Single(list.Members).Held;
        Assert.Equal(new HeldLog(2, 50, 0), held);
        Assert.Equal((null, 0L, 50L), (held.DueAtStart(1), held.DueAtStart(2), held.DueAtStart(3)));

        held = held.Reported(3, 60);
        Assert.Equal((null, 50L, 60L), (held.DueAtStart(2), held.DueAtStart(3), held.DueAtStart(4)));
        Assert.Same(list, MemberChanges.Reported(list, Two, 1, 50));
    }

    [Fact]
    public void A_dry_run_answers_as_the_change_would_and_changes_nothing()
    {
        var list = ListOf(One, Two);
        var before = list;

        Assert.IsType<OperationResult.MemberChanged>(Change(ref list, new Command.MemberDryRun(new Command.MemberRemove(One))));
        Assert.Equal(RejectionCode.MemberNotFound, Refusal(ref list, new Command.MemberDryRun(new Command.MemberRemove(Three))));
        Assert.Equal(RejectionCode.MemberExists, Refusal(ref list, new Command.MemberDryRun(Newcomer("n1", "http://new:1"))));
        Assert.Same(before, list);
    }

    [Fact]
    public void Names_and_addresses_are_unique()
    {
        var list = ListOf(One, Two);

        Assert.Equal(RejectionCode.MemberExists, Refusal(ref list, Newcomer("n1", "http://new:1")));
        Assert.Equal(RejectionCode.MemberExists, Refusal(ref list, Newcomer("new", "http://2:1")));
        Assert.Equal(RejectionCode.MemberExists, Refusal(ref list, new Command.MemberUpdate(One, ["http://2:1"])));
        Assert.IsType<OperationResult.MemberChanged>(Change(ref list, new Command.MemberUpdate(One, ["http://one:1"])));
        Assert.Equal("http://one:1", list.Find(One)?.PeerUrls[0]);
    }

    private static Command.MemberAdd Newcomer(string name, string url) =>
        new(NodeId.None, name, [url], MemberRole.Voter, NodeId.None);

    private static MemberList ListOf(params NodeId[] ids) => MemberList.Of(
        ids.Select(id => new Member(id, $"n{id}", [$"http://{id}:1"], [], MemberRole.Voter, 0, NodeId.None)), []);

    private static OperationResult Change(ref MemberList list, Command.MemberChange change) =>
        MemberChanges.Apply(change, 1, ref list, _ => Drawn);

    private static RejectionCode Refusal(ref MemberList list, Command.MemberChange change) =>
        Assert.IsType<OperationResult.Rejected>(Change(ref list, change)).Rejection.Code;
}
