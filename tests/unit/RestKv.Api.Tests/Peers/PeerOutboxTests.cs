using RestKv.Api.Peers;
using RestKv.Raft;

namespace RestKv.Api.Tests.Peers;

/// <summary>A slow peer costs a bounded amount of memory, and what is dropped is the oldest.</summary>
public sealed class PeerOutboxTests
{
    private readonly List<Message> _taken = [];

    [Fact]
    public void Nothing_waits_for_a_peer_without_a_connection()
    {
        var outbox = new PeerOutbox(10, 1000);
        outbox.Add(Message(1));
        outbox.Open();
        outbox.Add(Message(2));
        outbox.Close();
        outbox.Open();
        outbox.Add(Message(3));

        outbox.Take(1000, _taken);

        Assert.Equal([3], Numbers());
        Assert.Equal((0, 2), (outbox.Dropped, outbox.Lost));
    }

    [Fact]
    public void The_oldest_go_when_there_are_too_many()
    {
        var outbox = Opened(4, 1_000_000);
        for (var number = 1; number <= 10; number++)
        {
            outbox.Add(Message(number));
        }

        outbox.Take(1_000_000, _taken);

        Assert.Equal([7, 8, 9, 10], Numbers());
        Assert.Equal(6, outbox.Dropped);
    }

    [Fact]
    public void The_oldest_go_when_there_are_too_many_bytes_and_a_large_one_goes_alone()
    {
        var outbox = Opened(1000, 1000);
        outbox.Add(Message(1, 400));
        outbox.Add(Message(2, 400));
        outbox.Add(Message(3, 400));
        Assert.Equal(1, outbox.Dropped);

        outbox.Add(Message(4, 5000));

        outbox.Take(long.MaxValue, _taken);
        Assert.Equal([4], Numbers());
        Assert.Equal(3, outbox.Dropped);
    }

    [Fact]
    public void One_take_is_bounded_but_never_empty_handed()
    {
        var outbox = Opened(1000, 1_000_000);
        outbox.Add(Message(1, 900));
        outbox.Add(Message(2, 900));
        outbox.Add(Message(3, 10));

        outbox.Take(100, _taken);
        Assert.Equal([1], Numbers());
        outbox.Take(100, _taken);
        outbox.Take(100, _taken);
        Assert.Equal([1, 2, 3], Numbers());
    }

    [Fact]
    public async Task The_bell_rings_for_what_came_before_the_wait_and_after_it()
    {
        var outbox = Opened(10, 1000);
        outbox.Add(Message(1));
        await outbox.WaitAsync(CancellationToken.None);
        outbox.Take(1000, _taken);

        var waiting = outbox.WaitAsync(CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        outbox.Add(Message(2));
        await waiting;
        outbox.Take(1000, _taken);

        Assert.Equal([1, 2], Numbers());
    }

    private static PeerOutbox Opened(int messagesMax, long bytesMax)
    {
        var outbox = new PeerOutbox(messagesMax, bytesMax);
        outbox.Open();
        return outbox;
    }

    private static Message Message(long number, int bytes = 0) => new()
    {
        Kind = MessageKind.Append,
        From = new NodeId(1),
        To = new NodeId(2),
        Term = new Term(1),
        Commit = new LogIndex(number),
        Entries = [new Entry(new LogIndex(1), new Term(1), EntryKind.Command, new byte[bytes])],
    };

    private IEnumerable<long> Numbers() => _taken.Select(message => message.Commit.Value);
}
