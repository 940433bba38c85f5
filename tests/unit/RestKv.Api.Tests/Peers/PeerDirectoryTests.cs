using RestKv.Api.Peers;
using RestKv.Raft;

namespace RestKv.Api.Tests.Peers;

public sealed class PeerDirectoryTests
{
    private static readonly Uri Url = new("http://127.0.0.1:2380");
    private readonly PeerDirectory _directory = new(new NodeId(1));

    [Fact]
    public void An_update_replaces_everything_and_leaves_out_this_member_and_removed_ones()
    {
        _directory.Update([Address(1), Address(2), Address(3)], []);
        _directory.Update([Address(1), Address(3), Address(4)], [new NodeId(4)]);

        Assert.Equal([new NodeId(3)], _directory.Others.Select(peer => peer.Id));
        Assert.True(_directory.IsRemoved(new NodeId(4)));
    }

    [Fact]
    public void A_caller_is_learned_only_if_nobody_told_of_it()
    {
        var changes = 0;
        _directory.Update([Address(2)], [new NodeId(9)]);
        _directory.Changed += () => changes++;

        _directory.Learn(new NodeId(2), "http://127.0.0.9:1");
        _directory.Learn(new NodeId(9), "http://127.0.0.9:1");
        _directory.Learn(new NodeId(1), "http://127.0.0.9:1");
        _directory.Learn(new NodeId(5), "file:///etc/passwd");
        _directory.Learn(new NodeId(5), "");
        _directory.Learn(new NodeId(3), "http://127.0.0.3:2380");

        Assert.Equal(1, changes);
        Assert.Equal(Url, _directory.Find(new NodeId(2))!.Urls[0]);
        Assert.Equal(new Uri("http://127.0.0.3:2380"), _directory.Find(new NodeId(3))!.Urls[0]);
        Assert.Equal(2, _directory.Others.Count);
    }

    private static PeerAddress Address(long id) => new(new NodeId(id), $"n{id}", [Url]);
}
