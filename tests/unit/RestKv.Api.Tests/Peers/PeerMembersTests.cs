using RestKv.Api.Peers;
using RestKv.Core.Members;
using RestKv.Raft;

namespace RestKv.Api.Tests.Peers;

public sealed class PeerMembersTests
{
    private static readonly NodeId First = new(1);
    private static readonly NodeId Second = new(2);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_removed_member_is_spoken_with_until_it_votes_no_more(bool isConfigured)
    {
        var directory = new PeerDirectory(First);
        var members = new PeerMembers(
            directory, new PeerMemory(), isConfigured ? [new PeerAddress(Second, "n2", [new Uri("http://n2:7071")])] : []);
        var list = MemberList.Of([Named(First, "n1"), Named(Second, "n2")], []);
        var both = new Membership([First, Second], []);

        members.Update(list, both);
        members.Update(list.Without(Second), both);
        Assert.NotNull(directory.Find(Second));
        Assert.False(directory.IsRemoved(Second));

        members.Update(list.Without(Second), new Membership([First], []));
        Assert.Null(directory.Find(Second));
        Assert.True(directory.IsRemoved(Second));
    }

    private static Member Named(NodeId id, string name) => new(id, name, [$"http://{name}:7071"], [], MemberRole.Voter, 5, NodeId.None);
}
