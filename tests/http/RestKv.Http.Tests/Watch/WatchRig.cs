using System.Text;
using RestKv.Api.Watch;
using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Core.Replication;
using RestKv.Core.Watch;
using RestKv.Raft;
using RestKv.Testing;

namespace RestKv.Http.Tests.Watch;

/// <summary>A dispatcher over a real store, without HTTP: streams write into pipes and time stands still until it is moved.</summary>
internal sealed class WatchRig : IAsyncDisposable
{
    private readonly MvccState _store = new(MvccOptions.Default);
    private readonly List<RigStream> _streams = [];
    private ReadView _published;

    /// <param name="time">In the place of <see cref="Clock"/>.</param>
    public WatchRig(WatchOptions? options = null, TimeProvider? time = null)
    {
        Dispatcher = new WatchDispatcher(time ?? Clock, options ?? new WatchOptions { Lanes = 2 });
        _published = _store.Publish();
    }

    public ManualClock Clock { get; } = new();

    public WatchDispatcher Dispatcher { get; }

    public ReadView View => _store.Publish();

    /// <summary>What a node would show: the state of the last change. Any thread may read it.</summary>
    public ReadView Published => Volatile.Read(ref _published);

    public long Revision => _store.Revision;

    /// <summary>One revision that puts the keys.</summary>
    public long Put(string value, params string[] keys)
    {
        var revision = Write(value, keys);
        Publish();
        return revision;
    }

    /// <summary>As above, several revisions at once, as a state that was received whole.</summary>
    public void Receive(int revisions, string key)
    {
        for (var i = 0; i < revisions; i++)
        {
            Write("received", [key]);
        }

        var self = new NodeId(1);
        Dispatcher.Publish(new Publication(
            _store.Publish(),
            _store.Revision - revisions,
            new RaftStatus(
                self, RaftRole.Follower, new Term(2), new NodeId(2), LogIndex.Zero, LogIndex.Zero, LogIndex.Zero,
                LogIndex.Zero, new Membership([self, new NodeId(2)], [])),
            IsSoleLeader: false,
            new MachineFacts(0, 0, 0, 0, Retention.Default, false, 0, MemberList.Empty, false))
        {
            IsReset = true,
        });
    }

    public void Delete(string key)
    {
        _store.Begin(1_000, "");
        Assert.True(_store.Delete(Encoding.UTF8.GetBytes(key), DeleteCause.Delete));
        _store.End();
        Publish();
    }

    public void Compact(long revision)
    {
        _store.Compact(revision);
        Publish();
    }

    /// <param name="bufferBytes">What the pipe takes before the stream has to wait for its reader.</param>
    public RigStream Open(string prefix, Func<WatchStart, WatchStart>? change = null, int bufferBytes = 1 << 20)
    {
        var stream = TryOpen(prefix, out var refusal, change, bufferBytes);
        Assert.NotNull(stream);
        Assert.Equal(default, refusal);
        return stream;
    }

    public RigStream? TryOpen(
        string prefix, out ChangeWaitOutcome refusal, Func<WatchStart, WatchStart>? change = null, int bufferBytes = 1 << 20)
    {
        var view = _store.Publish();
        var start = new WatchStart
        {
            Filter = new WatchFilter([WatchRange.Prefix(Encoding.UTF8.GetBytes(prefix))]),
            From = view.Revision + 1,
            Revision = view.Revision,
            CompactedRevision = view.CompactedRevision,
        };
        start = change?.Invoke(start) ?? start;
        var opened = new RigStream(bufferBytes);
        var stream = Dispatcher.TryOpen(start, view, opened.Output, opened.Abort, out refusal);
        if (stream is null)
        {
            return null;
        }

        opened.Stream = stream;
        _streams.Add(opened);
        Dispatcher.Begin(stream);
        return opened;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in _streams)
        {
            stream.Abort();
            stream.Stream.Leave();
        }

        await Dispatcher.DisposeAsync().AsTask().WaitAsync(Eventually.Deadline);
    }

    /// <summary>As a node does it: first for those who read, then for those who watch.</summary>
    private void Publish()
    {
        var view = _store.Publish();
        Volatile.Write(ref _published, view);
        Dispatcher.Publish(view);
    }

    private long Write(string value, string[] keys)
    {
        _store.Begin(1_000, "");
        foreach (var key in keys)
        {
            _store.Put(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value), LeaseId.None);
        }

        _store.End();
        return _store.Revision;
    }
}
