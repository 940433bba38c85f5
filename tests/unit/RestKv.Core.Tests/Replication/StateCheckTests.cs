using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Core.Tests.Replication;

public sealed class StateCheckTests
{
    private static readonly Membership Three = new([new NodeId(1), new NodeId(2), new NodeId(3)], [new NodeId(4)]);

    [Fact]
    public void Who_differs_from_a_majority_has_diverged()
    {
        var check = Marked(own: 7);
        check.Reported(new NodeId(1), 10, 7);
        check.Reported(new NodeId(2), 10, 8);
        Assert.False(check.HasDiverged);
        check.Reported(new NodeId(3), 10, 8);

        Assert.True(check.HasDiverged);
        Assert.Equal(0, check.Agreements);
    }

    [Fact]
    public void Who_agrees_with_a_majority_stays()
    {
        var check = Marked(own: 7);
        check.Reported(new NodeId(2), 10, 8);
        check.Reported(new NodeId(1), 10, 7);
        check.Reported(new NodeId(3), 10, 7);

        Assert.False(check.HasDiverged);
        Assert.Equal(1, check.Agreements);
    }

    [Fact]
    public void Learners_repeats_and_other_places_do_not_count()
    {
        var check = Marked(own: 7);
        check.Reported(new NodeId(4), 10, 8);
        check.Reported(new NodeId(2), 10, 8);
        check.Reported(new NodeId(2), 10, 8);
        check.Reported(new NodeId(3), 9, 8);

        Assert.False(check.HasDiverged);
    }

    [Fact]
    public void A_mark_is_reported_once_and_starts_the_count_anew()
    {
        var check = Marked(own: 7);
        check.Reported(new NodeId(2), 10, 8);
        Assert.True(check.TryTakeReport(out var index, out var digest));
        Assert.Equal((10, 7UL), (index, digest));
        Assert.False(check.TryTakeReport(out _, out _));

        check.Marked(20, 5, 9);
        check.Reported(new NodeId(3), 10, 8);
        Assert.False(check.HasDiverged);
        Assert.True(check.TryTakeReport(out index, out _));
        Assert.Equal(20, index);
    }

    private static StateCheck Marked(ulong own)
    {
        var check = new StateCheck(() => Three);
        check.Marked(10, 4, own);
        return check;
    }
}
