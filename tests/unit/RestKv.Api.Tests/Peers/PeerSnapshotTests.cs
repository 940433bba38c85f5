using RestKv.Api.Peers;
using RestKv.Core;
using RestKv.Core.Commands;
using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Storage;
using RestKv.Testing;

namespace RestKv.Api.Tests.Peers;

/// <summary>Snapshot files from store to store over real connections, broken off and damaged.</summary>
public sealed class PeerSnapshotTests : IDisposable
{
    private static readonly ClusterId Cluster = new(0xC);
    private static readonly Membership Members = new([new NodeId(1), new NodeId(2)], []);
    private readonly TempFolder _folder = new();
    private readonly ReplicaStore _from;
    private readonly ReplicaStore _to;

    public PeerSnapshotTests() => (_from, _to) = (Open(1), Open(2));

    [Fact]
    public async Task A_snapshot_arrives_as_a_state_and_as_a_file()
    {
        await using var one = new PeerRig(1, store: _from);
        await using var two = new PeerRig(2, store: _to);
        var machine = Save(40, 100_000);
        await two.StartAsync();
        await one.StartAsync(two);

        one.Transport.SendSnapshot(two.Member, new LogIndex(10));

        var arrival = (await two.NextAsync(ReplicaEventKind.SnapshotArrived)).Arrival!;
        Assert.True((await one.NextAsync(ReplicaEventKind.SnapshotSent)).IsDelivered);
        Assert.Equal(new LogIndex(40), arrival.Mark.Index);
        Assert.Equal(machine.Store.Digest(), arrival.Machine.Store.Digest());
        using var kept = _to.OpenSnapshot(arrival.Mark.Index, arrival.Mark.Term);
        Assert.NotNull(kept);
    }

    [Fact]
    public async Task A_transfer_that_broke_off_goes_on_where_it_got_to()
    {
        await using var one = new PeerRig(1, store: _from);
        await using var two = new PeerRig(2, store: _to);
        Save(40, 100_000);
        await two.StartAsync();
        await one.StartAsync(two);
        using var file = _from.OpenSnapshotBytes(new LogIndex(1))!;
        var half = new byte[file.Length / 2];
        file.ReadAt(0, half);
        await BreakOffAsync(one, two, new PeerSnapshotOffer(file.Index, file.Term, file.Length), half);

        one.Transport.SendSnapshot(two.Member, new LogIndex(1));

        Assert.True((await one.NextAsync(ReplicaEventKind.SnapshotSent)).IsDelivered);
        var sent = one.Net.CountersOf(two.Member).SnapshotBytesSent;
        Assert.InRange(sent, file.Length - half.Length, file.Length - 1);
        await two.NextAsync(ReplicaEventKind.SnapshotArrived);
    }

    [Fact]
    public async Task Bytes_that_are_no_snapshot_are_thrown_away()
    {
        await using var one = new PeerRig(1, store: _from);
        await using var two = new PeerRig(2, store: _to);
        Save(40, 1000);
        await two.StartAsync();
        await one.StartAsync(two);
        using var file = _from.OpenSnapshotBytes(new LogIndex(1))!;
        var damaged = new byte[file.Length];
        file.ReadAt(0, damaged);
        damaged[damaged.Length / 2] ^= 1;

        var signal = await BreakOffAsync(one, two, new PeerSnapshotOffer(file.Index, file.Term, file.Length), damaged);

        Assert.Equal((byte)PeerSnapshotSignal.NotTaken, signal);
        Assert.False(two.Mailbox.TryTake(out var e) && e.Kind == ReplicaEventKind.SnapshotArrived);
        Assert.Null(_to.OpenSnapshot(file.Index, file.Term));
        one.Transport.SendSnapshot(two.Member, new LogIndex(1));
        Assert.True((await one.NextAsync(ReplicaEventKind.SnapshotSent)).IsDelivered);
    }

    [Fact]
    public async Task A_member_that_was_not_judged_yet_takes_none_until_it_is()
    {
        using var standing = new PeerStanding([new NodeId(1)]);
        await using var one = new PeerRig(1, store: _from);
        await using var two = new PeerRig(2, store: _to, standing: standing);
        Save(40, 1000);
        await two.StartAsync();
        await one.StartAsync(two);
        using var file = _from.OpenSnapshotBytes(new LogIndex(1))!;
        var offer = new PeerSnapshotOffer(file.Index, file.Term, file.Length);

        var refused = await Assert.ThrowsAsync<PeerRefusedException>(() => OpenAsync(one, two, offer));
        Assert.Contains("takes no part yet", refused.Message, StringComparison.Ordinal);
        Assert.Null(_to.OpenSnapshot(file.Index, file.Term));

        standing.Accepted(new NodeId(1));
        one.Transport.SendSnapshot(two.Member, new LogIndex(1));
        Assert.True((await one.NextAsync(ReplicaEventKind.SnapshotSent)).IsDelivered);
    }

    [Fact]
    public async Task A_member_that_learns_of_its_loss_under_way_keeps_nothing()
    {
        using var standing = new PeerStanding([new NodeId(1)]);
        standing.Accepted(new NodeId(1));
        await using var one = new PeerRig(1, store: _from);
        await using var two = new PeerRig(2, store: _to, standing: standing);
        Save(40, 1000);
        await two.StartAsync();
        await one.StartAsync(two);
        using var file = _from.OpenSnapshotBytes(new LogIndex(1))!;
        var bytes = new byte[file.Length];
        file.ReadAt(0, bytes);

        var signal = await BreakOffAsync(
            one, two, new PeerSnapshotOffer(file.Index, file.Term, file.Length), bytes,
            () => standing.Lose(PeerRefusal.Lost(PeerRefusalKind.Wiped, "2")));

        Assert.Equal((byte)PeerSnapshotSignal.NotTaken, signal);
        Assert.Null(_to.OpenSnapshot(file.Index, file.Term));
        Assert.False(two.Mailbox.TryTake(out var e) && e.Kind == ReplicaEventKind.SnapshotArrived);
    }

    [Fact]
    public async Task The_replica_is_told_also_when_there_is_nothing_to_send_or_nobody_to_send_it_to()
    {
        await using var one = new PeerRig(1, store: _from);
        await one.StartAsync();

        one.Transport.SendSnapshot(new NodeId(2), new LogIndex(1));
        Assert.False((await one.NextAsync(ReplicaEventKind.SnapshotSent)).IsDelivered);

        Save(3, 10);
        one.Transport.SendSnapshot(new NodeId(2), new LogIndex(1));
        Assert.False((await one.NextAsync(ReplicaEventKind.SnapshotSent)).IsDelivered);
    }

    public void Dispose()
    {
        _from.Dispose();
        _to.Dispose();
        _folder.Dispose();
    }

    /// <summary>Sends the bytes and ends; the last byte of the answer, or 0 when it ended before one.</summary>
    /// <param name="onAsked">Done when the receiver has asked for the bytes, before they are sent.</param>
    private static async Task<byte> BreakOffAsync(
        PeerRig from, PeerRig to, PeerSnapshotOffer offer, byte[] bytes, Action? onAsked = null)
    {
        var asked = new TaskCompletionSource();
        using var content = new TwoParts(Beginning(from, to, offer), asked.Task, bytes);
        var answer = new byte[sizeof(long) + 1];
        try
        {
            using var connection = await PeerConnection.OpenAsync(
                to.Address, PeerPaths.Snapshot, content, PeerSecurity.ClearText, CancellationToken.None, Eventually.Deadline);
            await connection.Answer.ReadExactlyAsync(answer.AsMemory(0, sizeof(long)));
            onAsked?.Invoke();
            asked.SetResult();
            while (await connection.Answer.ReadAsync(answer.AsMemory(sizeof(long))) > 0 && answer[^1] == (byte)PeerSnapshotSignal.Working)
            {
            }
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException)
        {
            // The receiver found that the connection had ended early.
        }

        return answer[^1];
    }

    /// <summary>Offers, and gives up when it is let in.</summary>
    private static async Task OpenAsync(PeerRig from, PeerRig to, PeerSnapshotOffer offer)
    {
        using var content = new ByteArrayContent(Beginning(from, to, offer));
        using var connection = await PeerConnection.OpenAsync(
            to.Address, PeerPaths.Snapshot, content, PeerSecurity.ClearText, CancellationToken.None, Eventually.Deadline);
    }

    private static byte[] Beginning(PeerRig from, PeerRig to, PeerSnapshotOffer offer)
    {
        var frames = new PeerFrameWriter();
        frames.Add(PeerHello.Of(from.Net.Self, to.Member, PeerPurpose.Snapshot).Encode());
        frames.Add(offer.Encode());
        return frames.Written.ToArray();
    }

    /// <summary>The second part is not written before it was asked for.</summary>
    private sealed class TwoParts(byte[] first, Task asked, byte[] second) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            await stream.WriteAsync(first);
            await stream.FlushAsync();
            await asked;
            await stream.WriteAsync(second);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private ReplicaStore Open(long member) => ReplicaStore.Open(
        new PhysicalFileSystem(_folder.Combine($"store{member}")),
        new StoreOptions
        {
            Fresh = new FreshStore(Cluster, new NodeId(member), Members, 5),
            SegmentBytes = 1 << 20,
            ReserveBytes = 0,
        });

    private KvStateMachine Save(int entries, int valueBytes)
    {
        var machine = new KvStateMachine(new MachineOptions());
        var random = new Random(entries);
        for (var index = 1; index <= entries; index++)
        {
            var value = new byte[valueBytes];
            random.NextBytes(value);
            var put = new Operation.Put(System.Text.Encoding.UTF8.GetBytes($"k{index}"), value);
            machine.Apply(index, Envelope.Encode(new ByteWriter(), 1, 1, index, "", default, 0, new Command.Write(put)));
        }

        var mark = new SnapshotMark(new LogIndex(entries), new Term(1), Members);
        using (var writer = _from.CreateSnapshot(mark))
        {
            SnapshotCodec.Write(machine.Capture(machine.Store.Publish()), writer);
            writer.Complete();
        }

        _from.SnapshotSaved(mark, mark.Index.Next);
        return machine;
    }
}
