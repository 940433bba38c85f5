using System.Buffers.Binary;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Core.Model;
using RestKv.Core.Replication;
using RestKv.Core.Tests.Auth;
using RestKv.Core.Tests.Replication;

namespace RestKv.Core.Tests;

public sealed class SnapshotCodecTests
{
    [Fact]
    public void Everything_replicated_survives_a_snapshot()
    {
        var node = Busy();
        var bytes = Write(node);

        var restored = SnapshotCodec.Read(new Source(bytes), new MachineOptions());

        Assert.Equal(node.Machine.Store.Digest(), restored.Store.Digest());
        Assert.Equal(node.Machine.AppliedIndex, restored.AppliedIndex);
        Assert.Equal(node.Machine.ClusterTimeMs, restored.ClusterTimeMs);
        Assert.Equal(node.Machine.Retention, restored.Retention);
        Assert.Equal(node.Machine.Leases.ToArray(), restored.Leases.ToArray());
        Assert.Equal(node.Machine.Clock.Samples, restored.Clock.Samples);
        Assert.Equal(node.Machine.Outcomes.Count, restored.Outcomes.Count);
        foreach (var lease in node.Machine.Leases.ToArray())
        {
            Assert.Equal(Keys(node.Machine, lease.Id), Keys(restored, lease.Id));
        }

        Assert.Equal(Write(restored), bytes);
    }

    [Fact]
    public void Who_may_do_what_survives_a_snapshot()
    {
        var rig = AuthRig.Enabled(("ann", "rw:a* r:b"), ("bob", "admin:*"));
        rig.Change(new Command.UserGrantRole("bob", "ann"));
        var token = rig.Change(new Command.TokenAdd("ci", "bob", AuthRig.DigestOf(1), ["ann"], AuthRig.PermissionsOf("r:a*"), 1000)).Number;
        rig.Change(new Command.SessionOpen(
            "ann", rig.Auth.FindUser("ann")!.Epoch, AuthRig.DigestOf(2), SessionKind.Login, true, 300_000, []));
        rig.Change(new Command.SessionOpen(
            "bob", rig.Auth.FindUser("bob")!.Epoch, AuthRig.DigestOf(3), SessionKind.Login, true, 300_000, []));
        rig.Change(new Command.UserSetPassword("bob", new byte[] { 4 }));

        var restored = SnapshotCodec.Read(new Source(Write(rig.Machine)), new MachineOptions());

        Assert.Equal(rig.Machine.Digest(), restored.Digest());
        Assert.Equal(Write(rig.Machine), Write(restored));
        Assert.True(restored.Auth.IsEnabled);
        Assert.Equal("bob", restored.Auth.FindToken(AuthRig.DigestOf(1))!.User);
        Assert.True(restored.Auth.Tokens[token].Rights.Read.Contains("a7"u8));
        Assert.False(restored.Auth.Tokens[token].Rights.IsAdmin);
        Assert.True(restored.Auth.FindUser("bob")!.Rights.IsAdmin);
        Assert.Equal(301_000, restored.Auth.Sessions.Find(AuthRig.DigestOf(2))!.DeadlineMs);
        Assert.Equal("bob", restored.Auth.FindFormer(AuthRig.DigestOf(3), 1_000)!.Name);

        restored.Jump(1_000, MemberList.Empty);
        Assert.Equal(0, restored.Auth.Sessions.Count + restored.Auth.Ended.Count);
        Assert.Single(restored.Auth.Tokens);
    }

    [Fact]
    public void A_snapshot_from_before_there_were_users_has_none()
    {
        const int emptyTableBytes = 1 + 8 + 5;
        var node = Busy();
        var bytes = Write(node);
        var headBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        Assert.Equal(5, bytes[4]);
        byte[] older = [.. bytes[..(4 + headBytes - emptyTableBytes)], .. bytes[(4 + headBytes)..]];
        BinaryPrimitives.WriteInt32LittleEndian(older, headBytes - emptyTableBytes);
        older[4] = 4;

        var restored = SnapshotCodec.Read(new Source(older), new MachineOptions());

        Assert.True(restored.Auth.IsUntouched);
        Assert.Equal(node.Machine.Digest(), restored.Digest());
        Assert.Equal(bytes, Write(restored));
    }

    [Fact]
    public void A_restored_machine_goes_on_exactly_as_the_first()
    {
        var node = Busy();
        var restored = SnapshotCodec.Read(new Source(Write(node)), new MachineOptions());
        var commands = new Command[]
        {
            new Command.Write(new Operation.Put("k1"u8.ToArray(), "again"u8.ToArray())),
            new Command.LeaseRevoke(node.Machine.Leases.ToArray()[0].Id),
            new Command.Write(new Operation.Delete(KeyRange.Prefix("k"u8.ToArray()))),
            new Command.Compact(node.Machine.Store.Revision),
        };
        var index = node.Machine.AppliedIndex;
        foreach (var command in commands)
        {
            var payload = Envelope.Encode(new ByteWriter(), 1, 1, 1, "ann", "once"u8, 3, command);
            index++;
            Assert.Equal(
                node.Machine.Apply(index, payload).Result.Revision, restored.Apply(index, payload).Result.Revision);
            Assert.Equal(node.Machine.Store.Digest(), restored.Store.Digest());
        }
    }

    [Fact]
    public void A_snapshot_cut_anywhere_is_refused()
    {
        var bytes = Write(Busy());
        for (var length = 0; length < bytes.Length; length += 1 + (length / 64))
        {
            Assert.ThrowsAny<Exception>(() =>
            {
                SnapshotCodec.Read(new Source(bytes[..length]), new MachineOptions());
            });
        }
    }

    [Fact]
    public void A_machine_that_jumped_keeps_keys_leases_and_outcomes_and_nothing_of_the_past()
    {
        const long far = 1_000_000_000;
        var node = Busy();
        var machine = SnapshotCodec.Read(new Source(Write(node)), new MachineOptions());

        machine.Jump(far, MemberList.Empty);

        var restored = SnapshotCodec.Read(new Source(Write(machine)), new MachineOptions());
        Assert.Equal(node.Machine.AppliedIndex + far, restored.AppliedIndex);
        Assert.Equal(node.Machine.Store.Revision + far, restored.Store.Revision);
        Assert.Equal(restored.Store.Revision, restored.Store.CompactedRevision);
        Assert.Equal(node.Machine.Store.KeyCount, restored.Store.KeyCount);
        Assert.Equal(node.Machine.ClusterTimeMs, restored.ClusterTimeMs);
        Assert.Equal(node.Machine.Leases.ToArray(), restored.Leases.ToArray());
        Assert.Equal(node.Machine.Outcomes.Count, restored.Outcomes.Count);
        Assert.Empty(restored.Clock.Samples);
        var retry = Envelope.Encode(
            new ByteWriter(), 1, 1, 1, "", "key-7"u8, 9, new Command.Write(new Operation.Put("idem"u8.ToArray(), default)));
        Assert.True(restored.Apply(restored.AppliedIndex + 1, retry).Replayed);
    }

    [Fact]
    public void A_replica_hands_out_its_state_with_its_place_in_the_log()
    {
        var node = Busy();
        var taken = new List<(MachineImage Image, Raft.SnapshotMark Mark)>();

        node.Handle(ReplicaEvent.Capture((image, mark) => taken.Add((image, mark))));
        node.Put("later", "than that");

        var (image, mark) = Assert.Single(taken);
        var restored = SnapshotCodec.Read(new Source(Write(image)), new MachineOptions());
        Assert.Equal(mark.Index.Value, restored.AppliedIndex);
        Assert.Equal(node.Replica.Status.Term, mark.Term);
        Assert.Equal(node.Machine.Store.Revision - 1, restored.Store.Revision);
    }

    private static LoneReplica Busy()
    {
        var node = new LoneReplica();
        node.Elect();
        node.Run(new Command.SetRetention(new Retention(500, 60_000)));
        for (var i = 0; i < 200; i++)
        {
            node.Put($"k{i % 20}", $"value {i}", put => i % 5 == 0 ? put with { OwnTtlSeconds = 1000 } : put);
            node.Run(new Command.Write(new Operation.Put("idem"u8.ToArray(), default)), $"key-{i % 50}", 9);
            node.Pass(100);
        }

        node.Run(new Command.LeaseGrant(LeaseId.None, 500));
        node.Run(new Command.Write(new Operation.Delete(KeyRange.Single("k3"u8.ToArray()))));
        node.Run(new Command.Compact(120));
        return node;
    }

    private static byte[] Write(LoneReplica node) => Write(node.Machine);

    private static byte[] Write(KvStateMachine machine) => Write(machine.Capture(machine.Store.Publish()));

    private static byte[] Write(MachineImage image)
    {
        var sink = new Sink();
        SnapshotCodec.Write(image, sink);
        return [.. sink.Bytes];
    }

    private static List<byte[]> Keys(KvStateMachine machine, LeaseId id)
    {
        var keys = new List<ReadOnlyMemory<byte>>();
        machine.Leases.CollectKeys(id, keys);
        return keys.ConvertAll(key => key.ToArray());
    }

    private sealed class Sink : ISnapshotSink
    {
        public List<byte> Bytes { get; } = [];

        public void Write(ReadOnlySpan<byte> bytes) => Bytes.AddRange(bytes);
    }

    private sealed class Source(byte[] bytes) : ISnapshotSource
    {
        private int _offset;

        public int Read(Span<byte> into)
        {
            // Odd portions, as a file gives them.
            var count = Math.Min(Math.Min(into.Length, 1 + (_offset % 7)), bytes.Length - _offset);
            bytes.AsSpan(_offset, count).CopyTo(into);
            _offset += count;
            return count;
        }
    }
}
