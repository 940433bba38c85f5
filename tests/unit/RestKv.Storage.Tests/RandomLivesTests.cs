using RestKv.Raft;
using RestKv.Storage.Tests.Support;
using RestKv.Testing;

namespace RestKv.Storage.Tests;

/// <summary>
/// Members that live at random on disks that fail at random: many operations, many crashes, tiny segments. Each seed is
/// a life; a failing one is named by its number.
/// </summary>
public sealed class RandomLivesTests
{
    private const int Lives = 150;
    private const int StepsPerLife = 60;

    [Fact]
    public void Nothing_promised_is_lost_in_any_life()
    {
        var crashes = 0;
        for (ulong seed = 1; seed <= Lives; seed++)
        {
            try
            {
                crashes += Live(seed);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }
        }

        Assert.True(crashes > 5 * Lives, $"only {crashes} crashes");
    }

    [Fact]
    public void The_same_seed_lives_the_same_life()
    {
        Assert.Equal(Trace(7), Trace(7));
        Assert.NotEqual(Trace(7), Trace(8));
    }

    private static string Trace(ulong seed)
    {
        var trace = new List<string>();
        Live(seed, (operation, path) => trace.Add($"{operation} {path}"));
        return string.Join('\n', trace);
    }

    private static int Live(ulong seed, Action<string, string>? onOperation = null)
    {
        var random = new SplitMix64(seed);
        var options = Stores.Options with
        {
            KeepLogForOlderSnapshot = random.Next(2) == 0,
            ReserveBytes = random.Next(2) * 8192,
            SegmentBytes = 4096 << random.Next(3),
            OverlapEntriesMax = random.Next(20),
        };
        var disk = new VirtualDisk(seed) { OnOperation = onOperation };
        var member = new Member(disk, options, seed);
        var crashes = 0;
        member.Open();
        for (var step = 0; step < StepsPerLife; step++)
        {
            if (random.Next(3) == 0)
            {
                disk.CutPowerBefore = disk.Operations + 1 + random.Next(12);
            }

            try
            {
                Act(member, random);
            }
            catch (VirtualPowerCutException)
            {
                crashes += Restart(disk, member, random);
            }
        }

        return crashes;
    }

    private static int Restart(VirtualDisk disk, Member member, SplitMix64 random)
    {
        for (var crashes = 1; ; crashes++)
        {
            if (random.Next(4) == 0)
            {
                disk.KillProcess();
            }
            else
            {
                disk.CutPower((DiskOutcome)random.Next(3), random.Next());
            }

            // Recovery may be cut off, too, but not for ever.
            disk.CutPowerBefore = crashes < 4 && random.Next(3) == 0 ? disk.Operations + 1 + random.Next(8) : 0;
            try
            {
                member.Open();
                disk.CutPowerBefore = 0;
                return crashes;
            }
            catch (VirtualPowerCutException)
            {
            }
        }
    }

    private static void Act(Member member, SplitMix64 random)
    {
        switch (random.Next(10))
        {
            case 0:
                member.SetHardState(member.Appended.Term.Next, new NodeId(1 + random.Next(3)));
                break;
            case 1:
                member.Overwrite(random.Next(5), 1 + random.Next(3), random.Next(300));
                break;
            case 2:
                member.Store.Maintain();
                break;
            case 3:
                Settle(member);
                member.SaveSnapshot(random.Next(4), random.Next(3000));
                break;
            case 4 when random.Next(3) == 0:
                member.InstallSnapshot(1 + random.Next(5));
                break;
            case 5:
                Settle(member);
                member.Close();
                member.Open();
                break;
            case 6:
                member.Append(1 + random.Next(3), random.Next(12_000));
                break;
            default:
                member.Append(1 + random.Next(6), random.Next(500), flush: random.Next(4) != 0);
                break;
        }
    }

    private static void Settle(Member member)
    {
        if (member.Store.Log.HasPending)
        {
            member.Flush();
        }

        member.Commit();
    }
}
