using RestKv.Raft;
using RestKv.Storage.Tests.Support;
using RestKv.Storage.Wal;

namespace RestKv.Storage.Tests;

/// <summary>Sectors that are intact and in the wrong place, from another time, or not there.</summary>
public sealed class MisplacedSectorTests
{
    private const int Sector = 512;

    [Fact]
    public void A_sector_written_to_another_place_is_found_wherever_it_lands()
    {
        var (disk, _) = Stores.After(Script, cleanStop: true);
        var frames = Logs.Frames(disk).Where(frame => frame.Records > 0).ToArray();
        var planted = 0;

        foreach (var from in frames)
        {
            foreach (var to in frames.Where(frame => frame.Start != from.Start || frame.Path != from.Path))
            {
                var sector = disk.ReadAll(from.Path).AsSpan((int)from.Start, Sector);
                var damaged = disk.Clone();
                damaged.Damage(to.Path, to.Start, sector);

                var e = Assert.Throws<WalCorruptException>(() => ReplicaStore.Open(damaged, Stores.Options));
                Assert.Equal((to.Path, to.Start), (e.File, e.Offset));
                planted++;
            }
        }

        Assert.True(planted > 20);
    }

    [Fact]
    public void A_lost_write_is_found_for_every_flush_that_has_a_witness()
    {
        var (disk, _) = Stores.After(Script, cleanStop: true);
        var frames = Logs.Frames(disk).Where(frame => frame.Records > 0).ToArray();

        foreach (var frame in frames)
        {
            for (var offset = frame.Start; offset < frame.End; offset += Sector)
            {
                var damaged = disk.Clone();
                damaged.Damage(frame.Path, offset, new byte[Sector]);
                if (disk.ReadAll(frame.Path).AsSpan((int)offset, Sector).ContainsAnyExcept((byte)0))
                {
                    var e = Assert.Throws<WalCorruptException>(() => ReplicaStore.Open(damaged, Stores.Options));
                    Assert.Equal((frame.Path, frame.Start), (e.File, e.Offset));
                }
            }
        }
    }

    [Fact]
    public void A_sector_that_kept_an_older_write_is_found()
    {
        var roomy = Stores.Options with { SegmentBytes = 4 * Stores.SegmentBytes };

        // The same place is written twice: a torn flush, cut off, and then another flush over it.
        var (disk, member) = Stores.After(m => m.Append(1, 300), options: roomy);
        var start = Logs.Frames(disk)[^1].End;
        var dying = member.On(disk);
        dying.Open();
        dying.Append(2, 600);
        disk.KillProcess();
        var old = disk.ReadAll(Stores.LastSegment(disk));
        var frame = Logs.Frames(disk)[^1];
        disk.Damage(frame.Path, frame.Start + Sector, new byte[8]);
        var living = member.On(disk).On(disk); // other bytes than the life before
        living.Open();
        living.Append(2, 600);
        living.Close();
        disk.KillProcess();
        var current = disk.ReadAll(frame.Path);
        var found = 0;

        for (var offset = (int)start; offset < frame.End; offset += Sector)
        {
            if (!old.AsSpan(offset, Sector).SequenceEqual(current.AsSpan(offset, Sector)))
            {
                var damaged = disk.Clone();
                damaged.Damage(frame.Path, offset, old.AsSpan(offset, Sector));
                Assert.Throws<WalCorruptException>(() => ReplicaStore.Open(damaged, roomy));
                found++;
            }
        }

        Assert.True(found >= 3);
    }

    /// <summary>
    /// Not the last segment as a whole: a foreign segment in its place is what a recycled file looks like whose first
    /// flush was torn.
    /// </summary>
    [Fact]
    public void A_segment_in_the_place_of_another_is_found()
    {
        var (disk, _) = Stores.After(Script, cleanStop: true);
        var segments = Stores.Segments(disk);
        Assert.True(segments.Count >= 3);

        foreach (var from in segments)
        {
            foreach (var to in segments.Where(path => path != from && path != segments[^1]))
            {
                var damaged = disk.Clone();
                damaged.Damage(to, 0, disk.ReadAll(from));
                Assert.Throws<WalCorruptException>(() => ReplicaStore.Open(damaged, Stores.Options));
            }
        }
    }

    [Fact]
    public void A_missing_segment_is_found()
    {
        var (disk, _) = Stores.After(Script, cleanStop: true);
        var segments = Stores.Segments(disk);

        for (var i = 0; i < segments.Count - 1; i++)
        {
            var damaged = disk.Clone();
            damaged.Lose(segments[i]);
            Assert.ThrowsAny<CorruptDataException>(() => ReplicaStore.Open(damaged, Stores.Options));
        }
    }

    [Fact]
    public void A_log_that_is_gone_is_never_taken_for_a_new_one()
    {
        var (disk, _) = Stores.After(Script, cleanStop: true);
        foreach (var path in disk.Files().Where(path => path.StartsWith("wal/", StringComparison.Ordinal)))
        {
            disk.Lose(path);
        }

        var e = Assert.Throws<WalCorruptException>(() => ReplicaStore.Open(disk, Stores.Options));
        Assert.Equal("wal", e.File);
    }

    [Fact]
    public void The_segments_of_another_member_are_refused()
    {
        var (disk, _) = Stores.After(Script, cleanStop: true);
        var other = Stores.Options with
        {
            Node = new NodeId(2),
            Fresh = Stores.Options.Fresh! with { Node = new NodeId(2) },
        };
        var (theirs, _) = Stores.After(Script, cleanStop: true, other);
        foreach (var path in Stores.Segments(disk))
        {
            disk.Damage(path, 0, theirs.ReadAll(path));
        }

        Assert.Throws<WalCorruptException>(() => ReplicaStore.Open(disk, Stores.Options));
    }

    [Fact]
    public void An_unreadable_sector_in_promised_data_is_refused_with_its_place()
    {
        var (disk, _) = Stores.After(Script, cleanStop: true);

        foreach (var frame in Logs.Frames(disk).Where(frame => frame.Records > 0).ToArray())
        {
            var damaged = disk.Clone();
            damaged.MakeUnreadable(frame.Path, frame.Start);
            var e = Assert.Throws<WalCorruptException>(() => ReplicaStore.Open(damaged, Stores.Options));
            Assert.Equal((frame.Path, frame.Start), (e.File, e.Offset));
        }
    }

    private static void Script(Member member)
    {
        for (var i = 0; i < 8; i++)
        {
            member.Append(2, 600);
        }
    }
}
