using RestKv.Raft.Tests.Support;

namespace RestKv.Raft.Tests;

/// <summary>The log window against a plain list, and the marks of the disk when a suffix is rewritten under it.</summary>
public sealed class RaftLogTests
{
    [Fact]
    public void Confirmation_of_an_overwritten_suffix_moves_no_mark()
    {
        var log = Log((1, 1), (2, 1), (3, 1));
        log.HandedToDisk();
        log.TruncateFrom(new LogIndex(2), sequence: 2);
        log.Append(Entry(2, 2));

        Assert.False(log.DiskConfirmed(new PersistMark(1, new LogIndex(3), new Term(1))));
        Assert.Equal(LogIndex.Zero, log.Persisted);

        log.HandedToDisk();
        Assert.True(log.DiskConfirmed(new PersistMark(2, new LogIndex(2), new Term(2))));
        Assert.Equal(new LogIndex(2), log.Persisted);
    }

    [Fact]
    public void Confirmation_of_an_entry_that_was_overwritten_and_came_back_moves_no_mark()
    {
        // The same (index, term) twice, with another suffix between: on disk the batches come in order, so between the
        // first and the last the entry is not there.
        var log = Log((1, 1));
        log.HandedToDisk();
        log.TruncateFrom(new LogIndex(1), sequence: 2);
        log.Append(Entry(1, 2));
        log.HandedToDisk();
        log.TruncateFrom(new LogIndex(1), sequence: 3);
        log.Append(Entry(1, 1));
        log.HandedToDisk();

        Assert.False(log.DiskConfirmed(new PersistMark(1, new LogIndex(1), new Term(1))));
        Assert.False(log.DiskConfirmed(new PersistMark(2, new LogIndex(1), new Term(2))));
        Assert.True(log.DiskConfirmed(new PersistMark(3, new LogIndex(1), new Term(1))));
    }

    [Fact]
    public void Durable_prefix_survives_a_truncation_behind_it()
    {
        var log = Log((1, 1), (2, 1), (3, 1));
        log.HandedToDisk();
        log.DiskConfirmed(new PersistMark(1, new LogIndex(2), new Term(1)));

        log.TruncateFrom(new LogIndex(3), sequence: 2);

        Assert.Equal(new LogIndex(2), log.Persisted);
        Assert.Equal(new LogIndex(2), log.Persisting);
    }

    [Fact]
    public void Truncation_of_what_never_went_to_the_disk_rewrites_nothing()
    {
        var log = Log((1, 1));
        log.HandedToDisk();
        log.Append(Entry(2, 1));
        log.TruncateFrom(new LogIndex(2), sequence: 2);

        Assert.True(log.DiskConfirmed(new PersistMark(1, new LogIndex(1), new Term(1))));
    }

    [Fact]
    public void Truncating_committed_entries_is_a_broken_invariant()
    {
        var log = Log((1, 1), (2, 1));
        log.CommitTo(new LogIndex(1));

        Assert.Throws<InvariantException>(() => log.TruncateFrom(new LogIndex(1), 1));
    }

    [Fact]
    public void Machine_gets_only_what_is_committed_and_durable_here()
    {
        var log = Log((1, 1), (2, 1), (3, 1));
        var handed = new List<Entry>();
        log.CommitTo(new LogIndex(3));
        log.HandOut(handed, 10);
        Assert.Empty(handed);

        log.HandedToDisk();
        log.DiskConfirmed(new PersistMark(1, new LogIndex(3), new Term(1)));
        log.HandOut(handed, 2);

        Assert.Equal([1L, 2L], handed.Select(entry => entry.Index.Value));
        Assert.Throws<InvariantException>(() => log.AppliedTo(new LogIndex(3)));
    }

    [Fact]
    public void Window_behaves_like_a_list_under_random_appends_truncations_and_compactions()
    {
        var random = new SplitMix64(3);
        var log = new RaftLog(LogIndex.Zero, Term.Zero);
        var twin = new List<Entry>();
        var offset = 0L;
        var sequence = 0L;
        var term = 1L;
        for (var step = 0; step < 3000; step++)
        {
            switch (random.Next(10))
            {
                case < 6:
                    term += random.Next(20) == 0 ? 1 : 0;
                    for (var count = random.Next(200); count > 0; count--)
                    {
                        twin.Add(Entry(twin.Count + 1, term));
                        log.Append(twin[^1]);
                    }

                    break;
                case 6 when log.Last > log.Committed:
                    var first = log.Committed.Value + 1 + random.Next((int)(log.Last.Value - log.Committed.Value));
                    log.TruncateFrom(new LogIndex(first), sequence + 1);
                    twin.RemoveRange((int)first - 1, twin.Count - (int)first + 1);
                    break;
                case 7:
                    log.HandedToDisk();
                    log.DiskConfirmed(new PersistMark(++sequence, log.Last, log.LastTerm));
                    log.CommitTo(log.Last);
                    log.HandOut([], int.MaxValue);
                    log.AppliedTo(log.Last);
                    break;
                case 8 when log.Applied.Value > offset:
                    offset += random.Next((int)(log.Applied.Value - offset) + 1);
                    log.Compact(new LogIndex(offset));
                    break;
                default:
                    break;
            }

            AssertSame(log, twin, offset, random);
        }
    }

    [Fact]
    public void Term_skip_is_what_a_walk_back_would_find()
    {
        var random = new SplitMix64(5);
        for (var round = 0; round < 2000; round++)
        {
            var log = new RaftLog(LogIndex.Zero, Term.Zero);
            var term = 1;
            var last = random.Next(12);
            for (var index = 1; index <= last; index++)
            {
                term += random.Next(3);
                log.Append(Entry(index, term));
            }

            var upTo = new LogIndex(random.Next(last + 3));
            var bound = new Term(random.Next(term + 2));

            var expected = Math.Min(upTo.Value, last);
            while (expected > 0 && log[new LogIndex(expected)].Term > bound)
            {
                expected--;
            }

            Assert.Equal(expected, log.LastIndexWithin(upTo, bound).Value);
        }
    }

    private static void AssertSame(RaftLog log, List<Entry> twin, long offset, SplitMix64 random)
    {
        Assert.Equal(twin.Count, log.Last.Value);
        Assert.Equal(offset, log.Offset.Value);
        Assert.Equal(twin.Count == 0 ? Term.Zero : twin[^1].Term, log.LastTerm);
        if (log.Last > log.Offset)
        {
            var first = offset + 1 + random.Next((int)(twin.Count - offset));
            var slice = log.Slice(new LogIndex(first), log.Last);
            Assert.Equal(twin.Skip((int)first - 1), slice);
            Assert.False(log.TryTermAt(new LogIndex(offset - 1), out _));
        }
    }

    private static RaftLog Log(params (int Index, int Term)[] entries)
    {
        var log = new RaftLog(LogIndex.Zero, Term.Zero);
        foreach (var (index, term) in entries)
        {
            log.Append(Entry(index, term));
        }

        return log;
    }

    private static Entry Entry(long index, long term) =>
        new(new LogIndex(index), new Term(term), EntryKind.Command, Group.Bytes("x"));
}
