using System.Globalization;

namespace RestKv.Raft.Tests.Support;

/// <summary>
/// A small cluster in which a seed decides everything: who runs next, which message arrives, twice or never, when a disk
/// answers, who crashes and what of its unflushed batches survives. Every message passes through the codec.
/// </summary>
internal sealed class RandomCluster
{
    private const int NetworkMax = 400;
    private const int MembersMax = 8;

    private readonly SplitMix64 _random;
    private readonly RaftConfig _config;
    private readonly List<Message> _outbox = [];
    private readonly List<Message> _network = [];
    private readonly List<Message> _stuck = [];
    private readonly List<(NodeId From, NodeId To)> _transfers = [];
    private readonly HashSet<(NodeId From, NodeId To)> _cut = [];
    private readonly SortedDictionary<NodeId, Member> _members = [];
    private readonly SafetyChecks _checks = new();

    /// <summary>Whatever each member ever said, in whatever order: no start after a crash may look as if its disk went back.</summary>
    private readonly Dictionary<NodeId, Promises> _promises = [];
    private readonly int[] _weights;
    private readonly bool _changesMembers;

    /// <summary>The member that is cut off may be slow as well, as a paused process is: it does not notice.</summary>
    private NodeId _slow;
    private int _proposals;
    private ulong _lives;

    public RandomCluster(ulong seed)
    {
        _random = new SplitMix64(seed);
        var tiny = _random.Next(2) == 0;
        var patience = 3 + _random.Next(4);
        _config = new RaftConfig
        {
            ElectionTicksMin = patience,
            ElectionTicksMax = 2 * patience,
            AppendEntriesMax = tiny ? 2 : 64,
            AppendBytesMax = tiny ? 24 : 1 << 16,
            InflightMessagesMax = tiny ? 2 : 16,
            InflightBytesMax = tiny ? 48 : 1 << 16,
            CommittedEntriesMax = tiny ? 3 : 100,
            ReadRoundsMax = tiny ? 1 : 4,
        };
        _changesMembers = _random.Next(3) == 0;
        var voters = 1 + (2 * _random.Next(3));
        voters = voters == 1 && _random.Next(3) > 0 ? 3 + _random.Next(2) : voters;
        var membership = new Membership([.. Enumerable.Range(1, voters).Select(Group.Node)], []);
        for (var id = 1; id <= voters; id++)
        {
            Add(id, membership);
        }

        // Deliver, collect, flush, tick, propose, read, duplicate, lose, cut, heal, crash, snapshot, transfer, peer lost, members.
        _weights =
        [
            600, 300, _random.Next(2) == 0 ? 300 : 80, 60 + _random.Next(100), 30, 30, Rare(20), Rare(30), Rare(4), 2, Rare(6),
            Rare(8), Rare(2), Rare(2), 8,
        ];
    }

    public SafetyChecks Checks => _checks;

    /// <summary>How often the situations came up that a run is meant to reach.</summary>
    public SortedDictionary<string, int> Sometimes { get; } = [];

    public void Run(int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            Step();
        }
    }

    /// <summary>Faults end; a write must be committed and everybody who belongs to the group must hold it.</summary>
    public void MustRecover(int ticksMax)
    {
        Heal();
        for (var tick = 0; tick < ticksMax; tick++)
        {
            foreach (var member in _members.Values)
            {
                member.Core.Tick();
                After(member);
            }

            Settle();
            var leader = _members.Values.Where(member => member.IsLeader).MaxBy(member => member.Core.Term);
            if (leader is null || leader.Core.Log.Committed < leader.Core.Log.Last)
            {
                continue;
            }

            var membership = leader.Core.Membership;
            if (Propose(leader) && Settle() && membership.Voters.Concat(membership.Learners)
                    .All(id => _members[id].Machine.Count == leader.Core.Log.Last.Value))
            {
                return;
            }
        }

        Assert.Fail($"No recovery: {string.Join('\n', _members.Values.Select(member => member.Core.Status))}");
    }

    private void Reached(string situation, bool condition = true)
    {
        Sometimes[situation] = Sometimes.GetValueOrDefault(situation) + (condition ? 1 : 0);
    }

    private int Rare(int weight) => _random.Next(3) == 0 ? 0 : weight;

    private void Step()
    {
        var pick = _random.Next(_weights.Sum());
        var choice = 0;
        while (pick >= _weights[choice])
        {
            pick -= _weights[choice++];
        }

        var member = Pick();
        switch (choice)
        {
            case 0:
                DeliverOne(remove: true);
                break;
            case 1:
                Collect(member);
                break;
            case 2:
                Flush(member);
                break;
            case 3 when member.Id != _slow || _random.Next(8) == 0:
                member.Core.Tick();
                break;
            case 3:
                break;
            case 4:
                Propose(_members.Values.FirstOrDefault(other => other.IsLeader && _random.Next(4) > 0) ?? member);
                break;
            case 5:
                member = AskForRead(member);
                break;
            case 6:
                DeliverOne(remove: false);
                break;
            case 7:
                LoseOne();
                break;
            case 8:
                Cut();
                break;
            case 9:
                Heal();
                break;
            case 10:
                Crash(member);
                break;
            case 11:
                Snapshots(member);
                break;
            case 12:
                member.Core.TransferLeadership(Pick().Id);
                break;
            case 13:
                member.Core.PeerLost(member.Core.Leader.IsNone ? Pick().Id : member.Core.Leader);
                break;
            default:
                ChangeMembers(member);
                break;
        }

        After(member);
    }

    /// <summary>Preferably a leader that has been deposed and does not know: it must not answer.</summary>
    private Member AskForRead(Member member)
    {
        member = _members.Values.Where(other => other.IsLeader && _random.Next(4) > 0).MinBy(other => other.Core.Term) ?? member;
        Reached("deposed leader asked for a read", member.IsLeader && member.Core.Committed < _checks.HighestCommit
            && _members.Values.Any(other => other.IsLeader && other.Core.Term > member.Core.Term));
        _checks.Asked(member, member.Core.RequestRead());
        return member;
    }

    private Member Pick() => _members.Values.ElementAt(_random.Next(_members.Count));

    private Member Add(int id, Membership membership)
    {
        var member = new Member(Group.Node(id), _config, SnapshotMark.Origin(membership), NextSeed(), _outbox);
        _members.Add(member.Id, member);
        return member;
    }

    private ulong NextSeed() => ++_lives * 7919;

    private void After(Member member)
    {
        _checks.After(member, _members);
        foreach (var message in _outbox)
        {
            _checks.Sent(message, _members[message.From]);
            NotePromise(message);
            var bytes = new byte[MessageCodec.Measure(message)];
            Assert.Equal(bytes.Length, MessageCodec.Encode(message, bytes));
            Assert.True(MessageCodec.TryDecode(bytes, out var decoded, out var fault), fault.ToString());
            _network.Add(decoded);
        }

        _outbox.Clear();
        while (_network.Count > NetworkMax)
        {
            _network.RemoveAt(_random.Next(_network.Count));
        }
    }

    private void Collect(Member member)
    {
        if (!member.Core.HasReady)
        {
            return;
        }

        var last = member.Disk.Last;
        var writing = member.Disk.PendingCount > 0;
        var ready = member.Collect();
        var rewrites = ready.Entries.Count > 0 && ready.Entries[0].Index <= last;
        Reached("suffix overwritten", rewrites);
        Reached("suffix overwritten while the disk writes", rewrites && writing);
        Reached("leader elected", ready.Role is { Role: RaftRole.Leader });
        Reached("read confirmed", ready.Reads.Exists(read => read.Confirmed));
        Reached("read confirmed on a follower", !member.IsLeader && ready.Reads.Exists(read => read.Confirmed));
        Reached("read refused", ready.Reads.Exists(read => !read.Confirmed));
        Reached("leader told to stand down by a transfer", ready.SendNow.Exists(message => message.Kind == MessageKind.TimeoutNow));
        _checks.Collected(member);
        foreach (var peer in member.SnapshotsWanted)
        {
            _transfers.Add((member.Id, peer));
        }

        member.SnapshotsWanted.Clear();
        After(member);
    }

    private void Flush(Member member)
    {
        if (member.Disk.PendingCount > 1 && _random.Next(2) == 0)
        {
            member.FlushAll();
        }
        else if (member.Disk.PendingCount > 0)
        {
            member.Flush();
        }
    }

    private void DeliverOne(bool remove)
    {
        if (_network.Count == 0)
        {
            return;
        }

        // Mostly in order, as connections are; sometimes anything.
        var place = _random.Next(4) == 0 ? _random.Next(_network.Count) : 0;
        var message = _network[place];
        if (remove)
        {
            _network.RemoveAt(place);
        }

        if (_cut.Contains((message.From, message.To)))
        {
            // Lost, or stuck until the link is up again: then it comes very late.
            if (remove && _random.Next(2) == 0)
            {
                _stuck.Add(message);
            }
        }
        else if (_members.TryGetValue(message.To, out var member))
        {
            member.Core.Step(message);
            After(member);
            if (_random.Next(3) > 0)
            {
                // Mostly the loop turns at once; otherwise several events share a Ready.
                Collect(member);
            }
        }
    }

    private void Heal()
    {
        _slow = NodeId.None;
        _cut.Clear();
        _network.AddRange(_stuck);
        _stuck.Clear();
    }

    private void LoseOne()
    {
        if (_network.Count > 0)
        {
            _network.RemoveAt(_random.Next(_network.Count));
        }
    }

    private void Cut()
    {
        // One member alone at a time, or nobody would be left to go on.
        Heal();
        var alone = (_members.Values.FirstOrDefault(member => member.IsLeader && _random.Next(3) > 0) ?? Pick()).Id;
        _slow = _random.Next(2) == 0 ? alone : NodeId.None;
        var direction = _random.Next(4);
        foreach (var other in _members.Keys)
        {
            if (direction != 1)
            {
                _cut.Add((alone, other));
            }

            if (direction != 2)
            {
                _cut.Add((other, alone));
            }
        }
    }

    private bool Propose(Member member)
    {
        var text = (++_proposals).ToString(CultureInfo.InvariantCulture).PadLeft(_random.Next(20), '.');
        var outcome = member.Core.Propose(Group.Bytes(text));
        After(member);
        return outcome.Verdict == ProposeVerdict.Accepted;
    }

    private void Crash(Member member)
    {
        Reached("crash with unflushed batches", member.Disk.PendingCount > 0);
        Reached("leader crashed", member.IsLeader);
        member.Restart(_random.Next(member.Disk.PendingCount + 1), NextSeed());
        Reached("recovery dropped a stale suffix", member.Core.HasReady && member.Core.Log.Last == member.Disk.Snapshot.Index
            && member.Disk.Entries.Count > 0);
        _checks.Restarted(member);
        CheckPromises(member);
        _transfers.RemoveAll(transfer => transfer.From == member.Id);
    }

    private void NotePromise(in Message message)
    {
        if (!_promises.TryGetValue(message.From, out var promises))
        {
            _promises.Add(message.From, promises = new Promises());
        }

        promises.Note(message);
    }

    private void CheckPromises(Member member)
    {
        var image = member.Disk.Image(member.Id);
        if (_promises.TryGetValue(member.Id, out var promises))
        {
            Reached("start judged by what was promised", promises.Term == DiskFacts.Of(image).Term);
            Assert.Null(promises.MissingFrom(DiskFacts.Of(image)));
        }
    }

    private void Snapshots(Member member)
    {
        if (_transfers.Count == 0)
        {
            if (member.Machine.Count > member.Core.Log.Offset.Value)
            {
                member.TakeSnapshot(_random.Next(4));
            }

            return;
        }

        var (from, to) = _transfers[0];
        _transfers.RemoveAt(0);
        var delivered = _members.ContainsKey(to) && _random.Next(3) > 0;
        if (delivered)
        {
            // What it has collected is applied before the state is swapped, as in the real loop.
            Collect(_members[to]);
            var wanted = _members[to].InstallSnapshot(_members[from]);
            Reached("snapshot installed", wanted);
            Reached("snapshot no longer wanted", !wanted);
            After(_members[to]);
        }

        _members[from].Core.SnapshotOutcome(to, delivered);
        After(_members[from]);
    }

    private void ChangeMembers(Member member)
    {
        if (!_changesMembers || !member.IsLeader)
        {
            return;
        }

        var current = member.Core.Membership;
        var voters = current.Voters;
        var learners = current.Learners;
        switch (_random.Next(4))
        {
            case 0 when _members.Count < MembersMax:
                // A removed id never comes back, so new ones are counted up.
                learners = learners.Add(Group.Node(_members.Count + 1));
                break;
            case 1 when learners.Length > 0:
                voters = voters.Add(learners[0]);
                learners = learners.RemoveAt(0);
                break;
            case 2 when voters.Length > 1:
                voters = voters.Remove(_random.Next(2) == 0 ? member.Id : voters[_random.Next(voters.Length)]);
                break;
            case 3 when voters.Length > 2:
                var demoted = voters[_random.Next(voters.Length)];
                voters = voters.Remove(demoted);
                learners = learners.Add(demoted);
                break;
            default:
                return;
        }

        var next = new Membership(voters, learners);
        if (member.Core.ProposeMembership(next).Verdict == ProposeVerdict.Accepted)
        {
            Reached("membership changed");
            Reached("leader removed itself", !next.IsVoter(member.Id));
            foreach (var id in learners.Where(id => !_members.ContainsKey(id)).ToList())
            {
                Add((int)id.Value, Membership.Empty);
            }
        }
    }

    private bool Settle()
    {
        for (var turn = 0; turn < 2000; turn++)
        {
            foreach (var member in _members.Values.ToList())
            {
                while (member.Core.HasReady)
                {
                    Collect(member);
                }

                member.FlushAll();
                After(member);
            }

            for (var left = _network.Count; left > 0; left--)
            {
                DeliverOne(remove: true);
            }

            while (_transfers.Count > 0)
            {
                Snapshots(Pick());
            }

            if (_network.Count == 0 && _members.Values.All(member => !member.Core.HasReady && member.Disk.PendingCount == 0))
            {
                return true;
            }
        }

        Assert.Fail("The cluster does not come to rest");
        return false;
    }
}
