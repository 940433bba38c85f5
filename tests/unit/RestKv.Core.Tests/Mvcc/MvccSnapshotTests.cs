using System.Buffers.Binary;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Core.Tests.Mvcc;

/// <summary>Snapshots: what cannot be one is refused, by name, whatever is wrong with it. Round trips are in the model tests.</summary>
public sealed class MvccSnapshotTests
{
    [Fact]
    public void Empty_store_round_trips()
    {
        var restored = SnapshotBytes.Restore(SnapshotBytes.Of(new MvccState(MvccOptions.Default).Publish()));

        Assert.Equal(1, restored.Revision);
        Assert.Equal(new MvccState(MvccOptions.Default).Digest(), restored.Digest());
    }

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    public void Restored_store_goes_on_as_the_original(ulong seed)
    {
        var (state, model, workload) = Sample(seed, requests: 200);
        var restored = SnapshotBytes.Restore(SnapshotBytes.Of(state.Publish()), MvccStateModelTests.Tiny);
        var twin = new Workload(seed + 100, keys: 30);
        var sameTwin = new Workload(seed + 100, keys: 30);
        var sameModel = new MvccModel();
        CopyHistory(model, sameModel);
        for (var i = 0; i < 200; i++)
        {
            twin.Request(state, model);
            sameTwin.Request(restored, sameModel);
            if (i % 50 == 20)
            {
                state.Compact(state.Revision - 5);
                restored.Compact(restored.Revision - 5);
                model.Compact(restored.CompactedRevision);
                restored.CompactStep(1000);
            }
        }

        Assert.Equal(state.Digest(), restored.Digest());
        Assert.Equal(state.BytesInUse, restored.BytesInUse);
        Assert.Equal(SnapshotBytes.Of(state.Publish()), SnapshotBytes.Of(restored.Publish()));
        MvccStateModelTests.Compare(restored.Publish(), model, workload, model.CompactedRevision);
    }

    [Fact]
    public void Every_flipped_bit_and_every_cut_is_found()
    {
        var (state, _, _) = Sample(7, requests: 40);
        var bytes = SnapshotBytes.Of(state.Publish());
        for (var at = 0; at < bytes.Length; at++)
        {
            var flipped = (byte[])bytes.Clone();
            flipped[at] ^= (byte)(1 << (at % 8));
            Assert.Throws<SnapshotCorruptException>(() => SnapshotBytes.Restore(flipped));
            Assert.Throws<SnapshotCorruptException>(() => SnapshotBytes.Restore(bytes[..at]));
        }
    }

    /// <summary>With honest hashes around dishonest records: either refused, or a state that is sound in itself.</summary>
    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    public void Garbled_records_are_refused_or_harmless(ulong seed)
    {
        var (state, _, _) = Sample(seed, requests: 60);
        var content = Content(SnapshotBytes.Of(state.Publish()));
        var random = new SplitMix64(seed);
        var refused = 0;
        for (var i = 0; i < 3000; i++)
        {
            var garbled = (byte[])content.Clone();
            for (var changes = 1 + random.Next(3); changes > 0; changes--)
            {
                garbled[random.Next(garbled.Length)] = (byte)random.Next(256);
            }

            try
            {
                var restored = SnapshotBytes.Restore(Framed(garbled));
                var view = restored.Publish();
                Assert.Equal(restored.KeyCount, Same.ToList(view.Scan(KeyRange.All, view.Revision)).Count);
                Same.ToList(view.Changes(view.CompactedRevision));
                Assert.Equal(SnapshotBytes.Of(view), SnapshotBytes.Of(SnapshotBytes.Restore(SnapshotBytes.Of(view)).Publish()));
            }
            catch (SnapshotCorruptException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1000, 3000);
    }

    [Theory]
    [InlineData("version", "not a snapshot of this version")]
    [InlineData("compacted above revision", "number out of bounds")]
    [InlineData("unknown tag", "unknown record")]
    [InlineData("huge value", "number out of bounds")]
    [InlineData("key count", "keys missing")]
    [InlineData("changes count", "changes missing")]
    [InlineData("deletion of nothing", "a deletion of nothing")]
    [InlineData("open revision", "the last revision is cut short")]
    [InlineData("too few changes", "changes missing")]
    [InlineData("too many changes", "a change above the revision")]
    [InlineData("version 2 at start", "a life without a start")]
    [InlineData("base above", "a base record that is not below the compacted revision")]
    [InlineData("base order", "keys out of order")]
    [InlineData("base late", "a base record after a change")]
    [InlineData("author number", "number out of bounds")]
    [InlineData("author twice", "an author twice")]
    [InlineData("author text", "an author's name is not UTF-8")]
    [InlineData("lease zero", "lease 0")]
    [InlineData("trailing", "bytes after the last record")]
    public void Unsound_contents_are_refused_by_name(string flaw, string message)
    {
        var sink = new ListSink();
        var into = new SnapshotBlockWriter(sink);
        var isBased = flaw.StartsWith("base", StringComparison.Ordinal);
        var (revision, compacted) = isBased ? (5UL, 5UL) : (2UL, flaw == "compacted above revision" ? 3UL : 0UL);
        into.Fixed64(MvccSnapshot.Magic | (flaw == "version" ? 9UL << 32 : 1UL << 32));
        into.Fixed64(0);
        into.Varint(flaw == "too few changes" ? 3 : revision);
        into.Varint(compacted);
        into.Varint(flaw == "key count" ? 2UL : 1UL);
        if (isBased)
        {
            Base(into, flaw == "base above" ? 5UL : 4UL, "b"u8);
            if (flaw == "base order")
            {
                Base(into, 3, "a"u8);
            }
        }

        WriteChange(into, flaw);
        if (flaw == "base late")
        {
            Base(into, 4, "c"u8);
        }

        if (flaw == "too many changes")
        {
            WriteChange(into, flaw);
        }

        into.Byte(MvccSnapshot.KindEnd);
        into.Varint(isBased ? 1UL : 0UL);
        into.Varint(flaw == "changes count" ? 2UL : 1UL);
        if (flaw == "trailing")
        {
            into.Byte(0);
        }

        into.End();

        var refusal = Assert.Throws<SnapshotCorruptException>(() => SnapshotBytes.Restore([.. sink.Bytes]));
        Assert.Equal(message, refusal.Message);
    }

    private static void WriteChange(SnapshotBlockWriter into, string flaw)
    {
        var tag = MvccSnapshot.KindChange | (flaw == "open revision" ? 0 : MvccSnapshot.LastBit);
        tag |= flaw switch
        {
            "lease zero" => MvccSnapshot.LeaseBit,
            "deletion of nothing" => 1 << MvccSnapshot.CauseShift,
            "unknown tag" => 0x80,
            _ => 0,
        };
        into.Byte((byte)tag);
        into.SignedVarint(1);
        WriteAuthor(into, flaw);
        into.Varint(1);
        if (flaw != "deletion of nothing")
        {
            into.Varint(0);
            into.Varint(flaw == "version 2 at start" ? 2UL : 1UL);
            if (flaw == "lease zero")
            {
                into.Fixed64(0);
            }

            into.Varint(flaw == "huge value" ? 1UL << 40 : 0);
        }

        into.Bytes("k"u8);
    }

    private static void WriteAuthor(SnapshotBlockWriter into, string flaw)
    {
        into.Varint(flaw switch { "author number" => 7, "author twice" or "author text" => 1, _ => 0 });
        if (flaw == "author twice")
        {
            into.Varint(0);
        }
        else if (flaw == "author text")
        {
            into.Varint(1);
            into.Byte(0xff);
        }
    }

    private static void Base(SnapshotBlockWriter into, ulong modRevision, ReadOnlySpan<byte> key)
    {
        into.Byte(MvccSnapshot.KindBase | MvccSnapshot.LastBit);
        into.Varint(modRevision);
        into.Varint(0);
        into.SignedVarint(0);
        into.Varint(0);
        into.Varint((ulong)key.Length);
        into.Varint(0);
        into.Varint(1);
        into.Varint(0);
        into.Bytes(key);
    }

    private static (MvccState State, MvccModel Model, Workload Workload) Sample(ulong seed, int requests)
    {
        var state = new MvccState(MvccStateModelTests.Tiny);
        var model = new MvccModel();
        var workload = new Workload(seed, keys: 30);
        for (var i = 0; i < requests; i++)
        {
            workload.Request(state, model);
        }

        state.Compact(state.Revision / 2);
        model.Compact(state.CompactedRevision);
        return (state, model, workload);
    }

    private static void CopyHistory(MvccModel from, MvccModel into)
    {
        foreach (var revision in from.History.GroupBy(static change => change.Kv.ModRevision))
        {
            into.Begin(revision.First().Kv.ModifiedAtMs, revision.First().Kv.Author);
            foreach (var (kv, cause, _, _) in revision)
            {
                if (cause == DeleteCause.None)
                {
                    into.Put(kv.Key.ToArray(), kv.Value.ToArray(), kv.Lease);
                }
                else
                {
                    Assert.True(into.Delete(kv.Key.ToArray(), cause));
                }
            }

            into.End();
        }
    }

    private static byte[] Content(byte[] framed)
    {
        var content = new List<byte>();
        for (var at = 0; at < framed.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(framed.AsSpan(at));
            content.AddRange(framed.AsSpan(at + SnapshotBlockWriter.HeadBytes, length));
            at += SnapshotBlockWriter.HeadBytes + length;
        }

        return [.. content];
    }

    private static byte[] Framed(byte[] content)
    {
        var sink = new ListSink();
        var writer = new SnapshotBlockWriter(sink);
        writer.Bytes(content);
        writer.End();
        return [.. sink.Bytes];
    }

    private sealed class ListSink : ISnapshotSink
    {
        public List<byte> Bytes { get; } = [];

        public void Write(ReadOnlySpan<byte> bytes) => Bytes.AddRange(bytes);
    }
}
