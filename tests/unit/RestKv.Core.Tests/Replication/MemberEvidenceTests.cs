using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Core.Tests.Replication;

/// <summary>What a member that has just started knows of the others' directories, its uncommitted log included.</summary>
public sealed class MemberEvidenceTests
{
    private static readonly NodeId One = new(1);

    [Fact]
    public void The_list_and_the_log_after_it_are_put_together()
    {
        var listed = new Member(One, "n1", [], [], MemberRole.Voter, 5, NodeId.None) { Incarnation = 2, Life = 20, Held = new HeldLog(2, 10, 0) };

        var found = MemberEvidence.Collect(
            MemberList.Of([listed], []),
            [
                Entry(1, new Command.MemberAnnounce(One, "n1", [], 5, 3, 30)),
                Entry(2, new Command.StateReport(One, 12, 0)),
                Entry(3, new Command.StateReport(One, 11, 0)),
                Entry(4, new Command.MemberAnnounce(new NodeId(2), "n2", [], 7, 1, 70)),
                Entry(5, new Command.Tick()),
                new Entry(new LogIndex(6), new Term(1), EntryKind.Noop, default),
            ]);

        Assert.Equal(new MemberEvidence(5, 3, 30, new HeldLog(3, 12, 10)), found[One]);
        Assert.Equal(new MemberEvidence(7, 1, 70, default), found[new NodeId(2)]);
    }

    [Fact]
    public void What_the_machine_will_refuse_counts_for_nothing()
    {
        var listed = new Member(One, "n1", [], [], MemberRole.Voter, 5, NodeId.None) { Incarnation = 2, Life = 20 };

        var found = MemberEvidence.Collect(
            MemberList.Of([listed], []),
            [Entry(1, new Command.MemberAnnounce(One, "n1", [], 6, 9, 90)), Entry(2, new Command.MemberAnnounce(One, "n1", [], 5, 1, 10))]);

        Assert.Equal(new MemberEvidence(5, 2, 20, default), found[One]);
    }

    private static Entry Entry(int index, Command command) => new(
        new LogIndex(index), new Term(1), EntryKind.Command,
        Envelope.Encode(new ByteWriter(), 1, 3, index, "", default, 0, command));
}
