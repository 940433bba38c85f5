using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Core.Tests.Replication;

public sealed class PendingOperationsTests
{
    private readonly PendingOperations _pending = new();
    private readonly List<object> _dropped = [];

    [Fact]
    public void Whoever_waits_for_an_entry_gets_it_and_those_it_replaced_are_dropped()
    {
        Add(10, 1, "a");
        Add(11, 1, "b");

        Assert.Equal("a", Take(10, 1));
        Assert.Null(Take(11, 2));
        Assert.Equal(["b"], _dropped);
        Assert.Equal(0, _pending.Count);
    }

    /// <summary>
    /// A leader that lost a suffix and leads again proposes at lower indexes: what it applies then must not be told to have
    /// been dropped.
    /// </summary>
    [Fact]
    public void A_second_leadership_may_begin_below_the_end_of_the_first()
    {
        Add(10, 1, "old 10");
        Add(12, 1, "old 12");
        Add(13, 1, "old 13");
        Add(12, 3, "new 12");
        Add(13, 3, "new 13");

        Assert.Null(Take(10, 2));
        Assert.Null(Take(11, 2));
        Assert.Equal(["old 10"], _dropped);
        Assert.Equal("new 12", Take(12, 3));
        Assert.Equal("new 13", Take(13, 3));
        Assert.Equal(["old 10", "old 12", "old 13"], _dropped);
    }

    /// <summary>Another log may still hold the suffix and win: until then nobody may say that it is lost.</summary>
    [Fact]
    public void An_entry_this_log_lost_may_still_be_committed()
    {
        Add(12, 1, "old 12");
        Add(12, 3, "new 12");
        Assert.Empty(_dropped);

        Assert.Equal("old 12", Take(12, 1));

        Assert.Equal(["new 12"], _dropped);
        Assert.Equal(0, _pending.Count);
    }

    [Fact]
    public void Those_below_a_snapshot_are_taken_out_whatever_their_term()
    {
        Add(10, 1, "old 10");
        Add(12, 1, "old 12");
        Add(14, 1, "old 14");
        Add(11, 3, "new 11");
        Add(13, 3, "new 13");

        _pending.TakeUpTo(new LogIndex(12), _dropped);

        Assert.Equal(["new 11", "old 10", "old 12"], _dropped.Order());
        Assert.Equal("new 13", Take(13, 3));
        Assert.Equal(1, _pending.Count);
    }

    private void Add(long index, long term, string token) => _pending.Add(new LogIndex(index), new Term(term), token);

    private object? Take(long index, long term) => _pending.Take(new LogIndex(index), new Term(term), _dropped);
}
