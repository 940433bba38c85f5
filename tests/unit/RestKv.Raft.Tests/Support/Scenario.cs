using System.Globalization;
using System.Text;

namespace RestKv.Raft.Tests.Support;

/// <summary>
/// Plays a golden script: lines that start with "&gt; " are commands, lines that start with "#" are prose, everything else
/// is what the members had to say. After each command every member that has a Ready is collected and printed; disks and
/// network move only on command. The vocabulary is in the folder's README.
/// </summary>
internal sealed class Scenario
{
    private readonly StringBuilder _output = new();
    private readonly Dictionary<ReadId, string> _readNames = [];
    private Group? _group;
    private bool _quiet;

    private Group Members => _group ?? throw new InvalidOperationException("'members' comes first");

    public static string Play(string script)
    {
        var scenario = new Scenario();
        var previous = string.Empty;
        foreach (var line in script.Split('\n'))
        {
            if (line.StartsWith('#') || (line.Length == 0 && previous.Length > 0))
            {
                scenario._output.Append(line).Append('\n');
            }
            else if (line.StartsWith("> ", StringComparison.Ordinal))
            {
                scenario._output.Append(line).Append('\n');
                scenario.Run(line[2..].Split(' ', StringSplitOptions.RemoveEmptyEntries));
            }

            previous = line;
        }

        return scenario._output.ToString().TrimEnd('\n') + "\n";
    }

    private static int Id(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static int Number(string[] words, int at, int otherwise) =>
        words.Length > at ? Id(words[at]) : otherwise;

    private static (int From, int To) Link(string text)
    {
        var ends = text.Split("->");
        return (Id(ends[0]), Id(ends[1]));
    }

    private void Run(string[] words)
    {
        // For what another script shows already.
        _quiet = words[^1] == "quiet";
        words = _quiet ? words[..^1] : words;
        if (words[0] == "members")
        {
            Start(words);
            return;
        }

        var settles = Do(words);
        if (settles)
        {
            Members.Settle();
        }
        else
        {
            Members.Collect();
        }
    }

    private bool Do(string[] words)
    {
        switch (words[0])
        {
            case "tick":
                Repeat(Number(words, 2, 1), Members[Id(words[1])].Core.Tick);
                break;
            case "campaign":
                Members.Campaign(Id(words[1]));
                break;
            case "propose":
                Propose(Members[Id(words[1])].Core, words[2..]);
                break;
            case "change":
                Change(words);
                break;
            case "read":
                var id = Members[Id(words[1])].Core.RequestRead();
                _readNames[id] = $"r{_readNames.Count + 1}";
                Say($"  asked {_readNames[id]}");
                break;
            case "transfer":
                Members[Id(words[1])].Core.TransferLeadership(Group.Node(Id(words[2])));
                break;
            case "lost":
                Members[Id(words[1])].Core.PeerLost(Group.Node(Id(words[2])));
                break;
            case "persist":
                Persist(Members[Id(words[1])], words);
                break;
            default:
                return DoNetwork(words);
        }

        return false;
    }

    private bool DoNetwork(string[] words)
    {
        switch (words[0])
        {
            case "deliver":
                Say($"  {Members.Deliver(Filter(words))} delivered");
                break;
            case "drop":
                var which = Filter(words);
                Say($"  {Members.Network.RemoveAll(message => which(message))} dropped");
                break;
            case "repeat":
                Members.Network.AddRange(Members.Network.Where(Filter(words)).ToList());
                break;
            case "network":
                Members.Network.ForEach(message => Say($"  {Text(message)}"));
                break;
            case "cut":
                Members.Cut(Link(words[1]).From, Link(words[1]).To);
                break;
            case "isolate":
                Members.Isolate(Id(words[1]));
                break;
            case "heal":
                Members.Heal();
                break;
            case "settle":
                return true;
            default:
                DoLives(words);
                break;
        }

        return false;
    }

    private void DoLives(string[] words)
    {
        switch (words[0])
        {
            case "crash":
                Members[Id(words[1])].Restart(Number(words, 2, 0), seed: 100 + (ulong)Id(words[1]));
                break;
            case "snapshot":
                Say($"  {Members[Id(words[1])].TakeSnapshot(Number(words, 2, 0))}");
                break;
            case "install":
                var (from, to) = Link(words[1]);
                Say($"  {(Members[to].InstallSnapshot(Members[from]) ? "installed" : "not wanted")}");
                break;
            case "outcome":
                Members[Id(words[1])].Core.SnapshotOutcome(Group.Node(Id(words[2])), words[3] == "delivered");
                break;
            case "add":
                Members.Add(Id(words[1]), Membership.Empty);
                break;
            case "status":
                foreach (var member in Members.Members.Values)
                {
                    Say($"  {Text(member)}");
                }

                break;
            default:
                throw new InvalidOperationException($"unknown command '{words[0]}'");
        }
    }

    private void Start(string[] words)
    {
        var config = new RaftConfig();
        var voters = new List<int>();
        var learners = new List<int>();
        var into = voters;
        foreach (var word in words[1..])
        {
            if (word == "learners")
            {
                into = learners;
            }
            else if (word.Split('=') is [var name, var value])
            {
                config = Configure(config, name, Id(value));
            }
            else
            {
                into.Add(Id(word));
            }
        }

        _group = new Group([.. voters], [.. learners], config);
        _group.Collect();
        _group.Collected = Print;
    }

    private static RaftConfig Configure(RaftConfig config, string name, int value) => name switch
    {
        "append-entries" => config with { AppendEntriesMax = value },
        "append-bytes" => config with { AppendBytesMax = value },
        "inflight" => config with { InflightMessagesMax = value },
        "committed" => config with { CommittedEntriesMax = value },
        "read-rounds" => config with { ReadRoundsMax = value },
        "uncommitted-bytes" => config with { UncommittedBytesMax = value },
        _ => throw new InvalidOperationException($"unknown option '{name}'"),
    };

    private void Propose(RaftCore core, string[] commands)
    {
        foreach (var command in commands)
        {
            var outcome = core.Propose(Group.Bytes(command));
            Say($"  {outcome.Verdict} {outcome.Index}/t{outcome.Term} leader={Name(outcome.Leader)}");
        }
    }

    private void Change(string[] words)
    {
        var split = Array.IndexOf(words, "learners");
        split = split < 0 ? words.Length : split;
        var next = Members.MembershipOf(
            [.. words[2..split].Select(Id)], [.. words.Skip(split + 1).Select(Id)]);
        Say($"  {Members[Id(words[1])].Core.ProposeMembership(next).Verdict}");
    }

    private void Persist(Member member, string[] words)
    {
        if (member.Disk.PendingCount == 0)
        {
            Say("  nothing to flush");
        }
        else if (words.Length > 2)
        {
            member.FlushAll();
        }
        else
        {
            member.Flush();
        }
    }

    private static Func<Message, bool> Filter(string[] words)
    {
        Func<Message, bool> which = _ => true;
        foreach (var word in words[1..])
        {
            var rest = which;
            if (word.Contains("->", StringComparison.Ordinal))
            {
                var (from, to) = Link(word);
                which = message => rest(message) && message.From == Group.Node(from) && message.To == Group.Node(to);
            }
            else
            {
                var kind = Enum.Parse<MessageKind>(word);
                which = message => rest(message) && message.Kind == kind;
            }
        }

        return which;
    }

    private static void Repeat(int times, Action action)
    {
        for (var i = 0; i < times; i++)
        {
            action();
        }
    }

    private void Say(string line)
    {
        if (!_quiet)
        {
            _output.Append(line).Append('\n');
        }
    }

    private void Print(Member member)
    {
        var ready = member.Ready;
        Say($"{member.Id}:");
        if (ready.Role is { } role)
        {
            Say($"  role {role.Role} t{role.Term} leader={Name(role.Leader)}");
        }

        if (ready.NeedsFlush)
        {
            var state = ready.HardState is { } hard ? $" t{hard.Term} vote={Name(hard.Vote)} commit={hard.Commit}" : string.Empty;
            var snapshot = ready.Snapshot is null ? string.Empty : $" restart after {ready.Snapshot.Index}/t{ready.Snapshot.Term}";
            Say($"  disk #{ready.Mark.Sequence}{snapshot}{state}{List(ready.Entries)}");
        }

        ready.SendNow.ForEach(message => Say($"  now {Text(message)}"));
        ready.SendAfterPersist.ForEach(message => Say($"  after #{ready.Mark.Sequence} {Text(message)}"));
        if (ready.Committed.Count > 0)
        {
            Say($"  apply{List(ready.Committed)}");
        }

        ready.Reads.ForEach(read => Say($"  read {Name(read.Id)} {(read.Confirmed ? $"at {read.Index}" : "refused")}"));
        ready.NeedSnapshot.ForEach(peer => Say($"  snapshot wanted for {peer}"));
    }

    private string Name(ReadId id) => _readNames.GetValueOrDefault(id) ?? "r?";

    private static string Name(NodeId id) => id.IsNone ? "-" : id.ToString();

    private static string List(IEnumerable<Entry> entries) =>
        string.Concat(entries.Select(entry => $" {Text(entry)}"));

    private static string Text(in Entry entry) => $"{entry.Index}/t{entry.Term}:" + entry.Kind switch
    {
        EntryKind.Noop => "noop",
        EntryKind.Command => Encoding.UTF8.GetString(entry.Payload.Span),
        _ => Membership.TryDecode(entry.Payload.Span, out var membership) ? $"({membership})" : "?",
    };

    private string Text(in Message message)
    {
        var text = $"{message.From}->{message.To} {message.Kind} t{message.Term}";
        var no = message.Reject ? " rejected" : string.Empty;
        return text + message.Kind switch
        {
            MessageKind.PreVote or MessageKind.Vote =>
                $" last={message.Index}/t{message.LogTerm}{(message.Transfer ? " transfer" : string.Empty)}",
            MessageKind.PreVoteReply or MessageKind.VoteReply => message.Reject ? " rejected" : " granted",
            MessageKind.Append =>
                $" after={message.Index}/t{message.LogTerm} commit={message.Commit}{List(message.Entries ?? [])}",
            MessageKind.AppendReply when message.Reject =>
                $" {message.Index} rejected hint={message.HintIndex}/t{message.HintTerm}",
            MessageKind.AppendReply or MessageKind.SnapshotReply => $" {message.Index}",
            MessageKind.Heartbeat => $" commit={message.Commit} round={message.Round.Value}",
            MessageKind.HeartbeatReply => $" round={message.Round.Value}",
            MessageKind.ReadIndex => $" {Name(message.Round)}",
            MessageKind.ReadIndexReply => $" {Name(message.Round)} at {message.Index}{no}",
            _ => string.Empty,
        };
    }

    private static string Text(Member member)
    {
        var status = member.Core.Status;
        var peers = string.Concat(status.Peers.Select(peer => $" {peer.Id}:{peer.State}({peer.Match},{peer.Next})"));
        return $"{status.Self} {status.Role} t{status.Term} leader={Name(status.Leader)} last={status.Last} "
            + $"persisted={status.Persisted} committed={status.Committed} applied={status.Applied} {status.Membership}{peers}";
    }
}
