using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Core.Tests.Replication;

/// <summary>
/// Replicas wired together in one thread: messages go through the codec and arrive in order when the test lets them, except
/// those that it holds back or loses.
/// </summary>
internal sealed class ReplicaGroup
{
    private const int StepsMax = 100_000;
    private readonly Queue<(NodeId To, byte[] Bytes)> _network = new();
    private readonly Queue<Action> _later = new();
    private readonly Queue<Action> _snapshotsDue = new();
    private readonly HashSet<NodeId> _isolated = [];
    private long _nowMs = 1000;

    /// <param name="learners">The last so many of the members do not vote.</param>
    public ReplicaGroup(int members, ReplicaConfig? config = null, int learners = 0)
    {
        var ids = Enumerable.Range(1, members).Select(id => new NodeId(id)).ToArray();
        var membership = new Membership([.. ids[..^learners]], [.. ids[^learners..]]);
        Members = [.. ids.Select(id => new GroupMember(this, id, membership, config ?? new ReplicaConfig()))];
    }

    public IReadOnlyList<GroupMember> Members { get; }

    public Moment Now => new(_nowMs, 1_700_000_000_000 + _nowMs);

    /// <summary>Messages this says yes to are kept aside instead of being sent.</summary>
    public Func<Message, bool>? Hold { get; set; }

    public List<Message> Held { get; } = [];

    /// <summary>Snapshots are sent as soon as they are asked for.</summary>
    public bool SendsSnapshots { get; set; } = true;

    public GroupMember this[int id] => Members[id - 1];

    public GroupMember Leader => Members.Single(member => member.Replica.IsSettledLeader);

    /// <summary>Makes one member the leader, the first time by ticking it alone.</summary>
    public GroupMember Elect(int id)
    {
        var member = this[id];
        for (var i = 0; i < 60 && !member.Replica.IsSettledLeader; i++)
        {
            Tick(member);
        }

        Assert.True(member.Replica.IsSettledLeader);
        TickAll();
        return member;
    }

    /// <summary>Lets time pass at all but one until another one leads; that one stands still, as a process that is paused.</summary>
    public GroupMember ElectWithout(GroupMember old)
    {
        for (var i = 0; i < 60; i++)
        {
            foreach (var member in Members.Where(member => member != old))
            {
                Tick(member);
                if (member.Replica.IsSettledLeader)
                {
                    return member;
                }
            }
        }

        throw new InvalidOperationException("nobody was elected");
    }

    /// <summary>Cuts a member off in both directions, or takes it back.</summary>
    public void Isolate(GroupMember member, bool isIsolated = true)
    {
        if (isIsolated)
        {
            _isolated.Add(member.Id);
        }
        else
        {
            _isolated.Remove(member.Id);
        }
    }

    public void Tick(GroupMember member)
    {
        _nowMs += 100;
        member.Handle(ReplicaEvent.Tick());
        Settle();
    }

    public void TickAll(int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            _nowMs += 100;
            foreach (var member in Members)
            {
                member.Handle(ReplicaEvent.Tick());
            }

            Settle();
        }
    }

    public void Pass(long ms) => _nowMs += ms;

    public void Send(in Message message)
    {
        if (Hold?.Invoke(message) == true)
        {
            Held.Add(message);
            return;
        }

        Put(message);
    }

    /// <summary>Sends on what was held back, whether it is held now or not.</summary>
    public void Put(in Message message)
    {
        var bytes = new byte[MessageCodec.Measure(message)];
        MessageCodec.Encode(message, bytes);
        if (!_isolated.Contains(message.From) && !_isolated.Contains(message.To))
        {
            _network.Enqueue((message.To, bytes));
        }
    }

    public void Later(Action action) => _later.Enqueue(action);

    public void SnapshotDue(GroupMember from, NodeId to, SnapshotMark mark, byte[] bytes) =>
        _snapshotsDue.Enqueue(() => Transfer(from, to, mark, bytes));

    /// <summary>Until nothing moves any more.</summary>
    public void Settle()
    {
        for (var step = 0; step < StepsMax; step++)
        {
            if (_network.TryDequeue(out var sent))
            {
                Assert.True(MessageCodec.TryDecode(sent.Bytes, out var message, out _));
                this[(int)sent.To.Value].Handle(ReplicaEvent.FromPeer(message));
            }
            else if (_later.TryDequeue(out var action))
            {
                action();
            }
            else if (Members.FirstOrDefault(member => member.HasWork) is { } writing)
            {
                writing.PersistAll();
            }
            else if (SendsSnapshots && _snapshotsDue.TryDequeue(out var transfer))
            {
                transfer();
            }
            else
            {
                return;
            }
        }

        Assert.Fail("the group does not come to rest");
    }

    private void Transfer(GroupMember from, NodeId to, SnapshotMark mark, byte[] bytes)
    {
        if (_isolated.Contains(from.Id) || _isolated.Contains(to))
        {
            from.Handle(ReplicaEvent.SnapshotSent(to, delivered: false));
        }
        else
        {
            from.DeliverSnapshotTo(this[(int)to.Value], mark, bytes);
        }
    }
}
