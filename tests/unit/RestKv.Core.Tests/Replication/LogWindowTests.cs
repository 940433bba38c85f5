using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Core.Tests.Replication;

public sealed class LogWindowTests
{
    [Fact]
    public void It_keeps_as_many_entries_and_bytes_as_allowed_behind_a_snapshot()
    {
        var window = new LogWindow(entriesMax: 10, bytesMax: 100);
        window.Begin(new LogIndex(50));
        Add(window, 30, 5);

        window.Trim(covered: new LogIndex(1000));
        Assert.Equal((70, 80), (window.Start.Value, window.End.Value));

        Add(window, 4, 30);
        window.Trim(covered: new LogIndex(1000));
        Assert.Equal((81, 84), (window.Start.Value, window.End.Value));
    }

    [Fact]
    public void What_no_snapshot_covers_stays_as_long_as_memory_allows()
    {
        var window = new LogWindow(entriesMax: 10, bytesMax: 1000);
        Add(window, 30, 1);

        window.Trim(covered: new LogIndex(5));
        Assert.Equal(5, window.Start.Value);

        Add(window, 20, 1);
        window.Trim(covered: new LogIndex(5));
        Assert.Equal(50 - (10 * LogWindow.Stretch), window.Start.Value);
    }

    private static void Add(LogWindow window, int count, int bytes)
    {
        for (var i = 0; i < count; i++)
        {
            window.Add(bytes);
        }
    }
}
