using System.Text;

namespace RestKv.Raft.Tests.Support;

/// <summary>Several members, the messages between them, and the hand that moves both.</summary>
internal sealed class Group
{
    /// <summary>Turns after which a group that has not come to rest never will.</summary>
    private const int SettleTurnsMax = 10_000;

    private readonly RaftConfig _config;
    private readonly HashSet<(NodeId From, NodeId To)> _cut = [];

    public Group(int voters, RaftConfig? config = null)
        : this([.. Enumerable.Range(1, voters)], [], config)
    {
    }

    public Group(int[] voters, int[] learners, RaftConfig? config = null)
    {
        _config = config ?? new RaftConfig();
        var membership = new Membership([.. voters.Select(Node)], [.. learners.Select(Node)]);
        foreach (var id in voters.Concat(learners))
        {
            Add(id, membership);
        }
    }

    public SortedDictionary<NodeId, Member> Members { get; } = [];

    /// <summary>On the wire, oldest first.</summary>
    public List<Message> Network { get; } = [];

    /// <summary>Called with every Ready that has been collected.</summary>
    public Action<Member>? Collected { get; set; }

    public Member this[int id] => Members[Node(id)];

    public Member Leader => Assert.Single(
        Members.Values, member => member.IsLeader && member.Core.Term == Members.Values.Max(other => other.Core.Term));

    public static NodeId Node(int id) => new(id);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A group whose first member leads and has committed its no-op.</summary>
    public static Group Led(int voters, RaftConfig? config = null)
    {
        var group = new Group(voters, config);
        group.Elect(1);
        return group;
    }

    public Member Add(int id, Membership membership)
    {
        var member = new Member(Node(id), _config, SnapshotMark.Origin(membership), (ulong)id, Network);
        Members.Add(member.Id, member);
        return member;
    }

    public void Elect(int id)
    {
        Campaign(id);
        Settle();
        Assert.True(this[id].IsLeader);
    }

    /// <summary>Lets time pass at one member until it stands for election.</summary>
    public void Campaign(int id)
    {
        var core = this[id].Core;
        var term = core.Term;
        for (var i = 0; i <= _config.ElectionTicksMax; i++)
        {
            core.Tick();
            if (core.Role == RaftRole.PreCandidate || (core.Role == RaftRole.Candidate && core.Term > term))
            {
                return;
            }
        }

        Assert.Fail($"{id} did not campaign");
    }

    /// <summary>A message to <paramref name="to"/> that nobody in the group sent.</summary>
    public static Message From(int from, int to, MessageKind kind, int term) =>
        new() { Kind = kind, From = Node(from), To = Node(to), Term = new Term(term) };

    /// <summary>Lets one member forget, in a crash, that it hears a leader.</summary>
    public void Forget(int id) => this[id].Restart(flushed: 99, seed: 1000 + (ulong)id);

    public void Tick(int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            foreach (var member in Members.Values)
            {
                member.Core.Tick();
            }

            Settle();
        }
    }

    public LogIndex Propose(int id, string text)
    {
        var outcome = this[id].Core.Propose(Bytes(text));
        Assert.Equal(ProposeVerdict.Accepted, outcome.Verdict);
        return outcome.Index;
    }

    /// <summary>Collects from everybody once; disks and network stand still.</summary>
    public bool Collect()
    {
        var any = false;
        foreach (var member in Members.Values)
        {
            while (member.Core.HasReady)
            {
                member.Collect();
                Collected?.Invoke(member);
                any = true;
            }
        }

        return any;
    }

    public bool FlushAll()
    {
        var any = false;
        foreach (var member in Members.Values)
        {
            while (member.Disk.PendingCount > 0)
            {
                member.Flush();
                any = true;
            }
        }

        return any;
    }

    /// <summary>Delivers what is on the wire now and may pass; what was cut is lost.</summary>
    public int Deliver(Func<Message, bool>? which = null)
    {
        var now = Network.Where(message => which is null || which(message)).ToList();
        Network.RemoveAll(message => which is null || which(message));
        var delivered = 0;
        foreach (var message in now)
        {
            if (!_cut.Contains((message.From, message.To)) && Members.TryGetValue(message.To, out var member))
            {
                member.Core.Step(message);
                delivered++;
            }
        }

        return delivered;
    }

    /// <summary>Collects, flushes and delivers until nothing moves.</summary>
    public void Settle()
    {
        for (var turn = 0; turn < SettleTurnsMax; turn++)
        {
            var moved = Collect();
            moved |= FlushAll();
            moved |= Deliver() > 0;
            if (!moved)
            {
                return;
            }
        }

        Assert.Fail("The group does not come to rest");
    }

    public void Cut(int from, int to) => _cut.Add((Node(from), Node(to)));

    public void Isolate(int id)
    {
        foreach (var other in Members.Keys)
        {
            _cut.Add((Node(id), other));
            _cut.Add((other, Node(id)));
        }
    }

    public void Heal() => _cut.Clear();

    public Membership MembershipOf(int[] voters, int[] learners) =>
        new([.. voters.Select(Node)], [.. learners.Select(Node)]);
}
