using System.Text;
using Google.Protobuf;
using RestKv.Api.Etcd;
using RestKv.Api.Etcd.Calls;
using RestKv.Api.Etcd.Messages;
using RestKv.Api.Etcd.Watches;
using RestKv.Api.Hosting;
using RestKv.Api.Security.Auth;
using RestKv.Api.Telemetry;
using RestKv.Api.Watch;
using RestKv.Core.Auth;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Http.Tests.Watch;
using RestKv.Raft;
using RestKv.Testing;
using WatchRequest = RestKv.Api.Etcd.Messages.WatchRequest;

namespace RestKv.Http.Tests.Etcd.Watches;

/// <summary>Watch streams of etcd over a real store and dispatcher, with nothing else of a node. Time stands still until it is moved.</summary>
internal sealed class SessionRig : IAsyncDisposable
{
    private const string Reader = "reader";

    private readonly List<EtcdStream> _streams = [];
    private readonly WatchCalls _calls;
    private readonly NodeMetrics _metrics = new();

    private readonly FixedAuth _auth = new();
    private readonly SessionRenewal _renewal;
    private readonly PasswordWork _passwords = new(new PasswordHasher(1));

    /// <param name="time">For the streams, in the place of <see cref="Clock"/>.</param>
    public SessionRig(WatchOptions? options = null, WatchSettings? settings = null, TimeProvider? time = null)
    {
        Store = new WatchRig(options);
        var node = new StoreNode(Store);
        _renewal = new SessionRenewal(node, _auth);
        var authenticator = new Authenticator(node, _auth, _passwords, new LoginLimits(Clock), _renewal, Clock);
        var etcd = new EtcdNode(node, new EtcdAuthority(_auth, authenticator), _metrics, Clock);
        _calls = new WatchCalls(etcd, settings ?? new WatchSettings(), time ?? Clock);
    }

    public WatchRig Store { get; }

    public WatchDispatcher Dispatcher => Store.Dispatcher;

    public ManualClock Clock => Store.Clock;

    /// <summary>From here on the client, whom its certificate names, may read these ranges and nothing else.</summary>
    public void AllowOnly(params KeyRange[] ranges)
    {
        var rights = AccessRights.Of([.. ranges.Select(range => Core.Auth.Permission.Of(range, Access.Read))]);
        var reader = new AuthUser(Reader, default, true, [], 1) { Rights = rights };
        _auth.Auth = AuthTable.Empty with { IsEnabled = true, Users = AuthTable.Empty.Users.SetItem(Reader, reader) };
    }

    public EtcdStream Open(int repliesMax = int.MaxValue, bool requiresLeader = false)
    {
        var stream = EtcdStream.Open(_calls.WatchAsync, repliesMax, requiresLeader, Reader);
        _streams.Add(stream);
        return stream;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in _streams)
        {
            await stream.DisposeAsync();
        }

        await Store.DisposeAsync();
        await _renewal.DisposeAsync();
        _passwords.Dispose();
        _metrics.Dispose();
    }

    private sealed class FixedAuth : IAuthSource
    {
        public AuthTable Auth { get; set; } = AuthTable.Empty;

        public long ClusterTimeMs => 0;

        public long AppliedIndex => 0;
    }

    /// <summary>A node of which there is only what can be read.</summary>
    private sealed class StoreNode(WatchRig store) : INode
    {
        private static readonly NodeId Self = new(7);

        public ReadView View => store.Published;

        public bool HasDiverged => false;

        public NodeStatus Status { get; } = new()
        {
            Name = "rig",
            MemberId = Self,
            ClusterId = 5,
            Raft = new RaftStatus(
                Self, RaftRole.Leader, new Term(3), Self, LogIndex.Zero, LogIndex.Zero, LogIndex.Zero, LogIndex.Zero,
                new Membership([Self], [])),
        };

        public WatchDispatcher Watches => store.Dispatcher;

        public ValueTask<SubmitReply> SubmitAsync(
            Core.Commands.Command command, SubmitOptions options, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<BarrierReply> ReadBarrierAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<bool> WaitForRevisionAsync(long revision, TimeSpan timeout, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<TableReply> QueryAsync(TableQuery query, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}

/// <summary>Short forms of what a client says, and of what it hears.</summary>
internal static class WatchWords
{
    public static readonly ByteString EveryKey = ByteString.CopyFrom(0);

    public static ByteString Bytes(string text) => ByteString.CopyFromUtf8(text);

    /// <summary>A watch of one key, or of all keys when there is none.</summary>
    public static WatchRequest Create(string key, Action<WatchCreateRequest>? change = null)
    {
        var create = new WatchCreateRequest { Key = Bytes(key) };
        if (key.Length == 0)
        {
            create.RangeEnd = EveryKey;
        }

        change?.Invoke(create);
        return new WatchRequest { CreateRequest = create };
    }

    public static WatchRequest Cancel(long id) => new() { CancelRequest = new WatchCancelRequest { WatchId = id } };

    public static WatchRequest Progress() => new() { ProgressRequest = new WatchProgressRequest() };

    public static Task<WatchResponse> NextAsync(this EtcdStream stream) => stream.NextAsync<WatchResponse>();

    /// <summary>The next answer, which must be that the watch was made.</summary>
    public static async Task<WatchResponse> CreatedAsync(this EtcdStream stream, long id = 0)
    {
        var answer = await stream.NextAsync();
        Assert.True(answer is { Created: true, Canceled: false, CompactRevision: 0, CancelReason: "" } && answer.WatchId == id, answer.ToString());
        return answer;
    }

    /// <summary>Events of one watch until there are as many, in the order in which they came; they may come in any number of messages.</summary>
    public static async Task<List<string>> EventsAsync(this EtcdStream stream, int count, long id = 0)
    {
        var events = new List<string>();
        var last = 0L;
        while (events.Count < count)
        {
            var answer = await stream.NextAsync();
            Assert.True(answer.Events.Count > 0 && answer.WatchId == id && !answer.Canceled, answer.ToString());
            Assert.True(answer.Header.Revision >= answer.Events[^1].Kv.ModRevision);
            Assert.True(answer.Events[0].Kv.ModRevision > last, "a revision was split");
            last = answer.Events[^1].Kv.ModRevision;
            events.AddRange(answer.Events.Select(Show));
        }

        Assert.Equal(count, events.Count);
        return events;
    }

    /// <summary>As `5 PUT key=value` or `6 DELETE key`, with `was previous` when there is one.</summary>
    public static string Show(Event one)
    {
        var kind = one.Type == Event.Types.EventType.Put ? "PUT" : "DELETE";
        var text = new StringBuilder($"{one.Kv.ModRevision} {kind} {one.Kv.Key.ToStringUtf8()}");
        if (one.Type == Event.Types.EventType.Put)
        {
            text.Append('=').Append(one.Kv.Value.ToStringUtf8());
        }

        return one.PrevKv is { } previous
            ? text.Append(" was ").Append(previous.Value.ToStringUtf8()).ToString()
            : text.ToString();
    }
}
