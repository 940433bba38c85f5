using RestKv.Api.Peers;
using RestKv.Raft;
using RestKv.Storage;

namespace RestKv.Api.Tests.Peers;

/// <summary>Who may speak with this member, and what whoever may not is told.</summary>
public sealed class PeerHelloTests
{
    private static readonly PeerIdentity Self = new(new ClusterId(0xC), new NodeId(2), 7, 99, "http://127.0.0.1:2380");
    private static readonly PeerHello Good = new(
        PeerPurpose.Urgent, new ClusterId(0xC), new NodeId(1), new NodeId(2), 5, 3, "http://127.0.0.2:2380")
    {
        Life = -77,
        Facts = new DiskFacts(new Term(8), new NodeId(2), new LogIndex(90)),
    };

    private readonly PeerDirectory _directory = new(new NodeId(2));

    [Fact]
    public void A_hello_is_read_as_it_was_written()
    {
        Assert.True(PeerHello.TryDecode(Good.Encode(), out var hello, out _));

        Assert.Equal(Good, hello);
        Assert.Null(hello.Refuse(Self, _directory));
    }

    [Fact]
    public void Nothing_cut_short_or_longer_is_a_hello()
    {
        var whole = Good.Encode();
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.False(PeerHello.TryDecode(whole.AsSpan(0, length), out _, out var reason));
            Assert.NotEmpty(reason);
        }

        Assert.False(PeerHello.TryDecode([.. whole, 0], out _, out _));
    }

    [Fact]
    public void Another_version_is_named()
    {
        var bytes = Good.Encode();
        bytes[8] = 1;

        Assert.False(PeerHello.TryDecode(bytes, out _, out var reason));
        Assert.Equal("the caller speaks version 1, this member 2", reason);
    }

    [Theory]
    [InlineData(12, 0)]
    [InlineData(12, 9)]
    [InlineData(13, 1)]
    [InlineData(24, 0)]
    [InlineData(32, 0)]
    [InlineData(92, 1)]
    public void Values_that_no_member_writes_are_refused(int offset, byte value)
    {
        var bytes = Good.Encode();
        bytes[offset] = value;

        Assert.False(PeerHello.TryDecode(bytes, out _, out _));
    }

    [Fact]
    public void A_member_of_another_cluster_is_refused_by_name() =>
        Assert.Equal(
            "member 1 belongs to cluster d, this member to cluster c",
            (Good with { Cluster = new ClusterId(0xD) }).Refuse(Self, _directory));

    [Fact]
    public void Mixed_up_addresses_are_named() =>
        Assert.Contains("looks for member 3, and this is member 2", (Good with { To = new NodeId(3) }).Refuse(Self, _directory));

    [Fact]
    public void A_copy_of_this_member_is_refused() =>
        Assert.Contains("member 2 is this member", (Good with { From = new NodeId(2) }).Refuse(Self, _directory));

    [Fact]
    public void A_removed_member_is_refused_and_an_unknown_one_is_not()
    {
        _directory.Update([], [new NodeId(1)]);

        Assert.Equal("member 1 was removed from the cluster", Good.Refuse(Self, _directory));
        Assert.Null((Good with { From = new NodeId(4) }).Refuse(Self, _directory));
    }
}
