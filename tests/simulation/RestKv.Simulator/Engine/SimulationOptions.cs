using RestKv.Core.Mvcc;
using RestKv.Core.Watch;

namespace RestKv.Simulator.Engine;

/// <summary>
/// Everything that shapes a run, drawn from its seed (swarm testing: each run has other limits and other faults, since bugs
/// hide from the average). Printed whole when a run fails, for a seed alone dies with the next change of the drawing.
/// </summary>
public sealed record SimulationOptions
{
    /// <summary>A client rests after so many operations, on average.</summary>
    internal const int RestEvery = 25;

    private const int OperationsWanted = 1500;

    public required ulong Seed { get; init; }

    public required int Members { get; init; }

    public required int Clients { get; init; }

    public required int Watchers { get; init; }

    public required int Keys { get; init; }

    /// <summary>Virtual seconds with faults.</summary>
    public required int SafetySeconds { get; init; }

    public required int ThinkMsMax { get; init; }

    public required FaultClasses Faults { get; init; }

    /// <summary>Mean virtual milliseconds between two faults.</summary>
    public required int FaultEveryMs { get; init; }

    public required int TickMs { get; init; }

    public required int SegmentBytes { get; init; }

    public required int SnapshotBytesMin { get; init; }

    public required int ReserveBytes { get; init; }

    public required int DiskMeanUs { get; init; }

    public required int ValueBytesMax { get; init; }

    /// <summary>Tiny chunks, nodes and runs, so that every split and merge happens.</summary>
    public required bool TinyStore { get; init; }

    /// <summary>Tiny rings and turns, so that watchers are demoted and split.</summary>
    public required bool TinyWatches { get; init; }

    /// <summary>Automatic compaction keeps this many revisions; 0 leaves the default.</summary>
    public required int RetainedRevisions { get; init; }

    public required int IdempotentPercent { get; init; }

    public required int LeasePercent { get; init; }

    public required int CompactPercent { get; init; }

    /// <summary>Applied entries that stay in memory for slow followers.</summary>
    public required int WindowEntries { get; init; }

    public required bool KeepLogForOlderSnapshot { get; init; }

    public required int OverlapEntriesMax { get; init; }

    /// <summary>Entries in one message between members: one at a time shows states that larger batches skip.</summary>
    public required int AppendEntriesMax { get; init; }

    public required int InflightMessagesMax { get; init; }

    /// <summary>Committed entries that are applied in one go.</summary>
    public required int CommittedEntriesMax { get; init; }

    /// <summary>Members compare their states so often; each comparison is a mark and a report of every member in the log.</summary>
    public int StateCheckMs { get; init; }

    /// <summary>Mean virtual milliseconds between two acts of the administrator on the members; 0 leaves them as they are.</summary>
    public int MembersEveryMs { get; init; }

    /// <summary>Of the requests, so many change users, roles, and whether they count.</summary>
    public int AuthPercent { get; init; }

    /// <summary>Longest pause that a client makes now and then, so that dense traffic does not make long runs.</summary>
    public int RestMsMax { get; init; }

    public static SimulationOptions FromSeed(ulong seed, int? members = null)
    {
        var random = new SimulationRandom(seed);

        // Drawn in any case, or the same seed would mean another run when the members are named.
        var drawnMembers = DrawMembers(random.Next(100));
        var options = new SimulationOptions
        {
            Seed = seed,
            Members = members ?? drawnMembers,
            Clients = 2 + random.Next(8),
            Watchers = 1 + random.Next(6),
            Keys = random.Pick([3, 8, 20, 60]),
            SafetySeconds = random.Pick([5, 10, 20]),
            ThinkMsMax = random.Pick([5, 20, 60]),
            Faults = DrawFaults(random),
            FaultEveryMs = random.Pick([150, 400, 1000, 3000]),
            TickMs = random.Pick([10, 50, 100]),
            SegmentBytes = random.Pick([8 << 10, 32 << 10, 256 << 10]),
            SnapshotBytesMin = random.Pick([2 << 10, 10 << 10, 60 << 10, 1 << 30]),
            ReserveBytes = random.Pick([0, 32 << 10, 128 << 10]),
            DiskMeanUs = random.Pick([50, 300, 3000]),
            ValueBytesMax = random.Pick([16, 100, 2000]),
            TinyStore = random.Percent(50),
            TinyWatches = random.Percent(50),
            RetainedRevisions = random.Pick([0, 0, 20, 100]),
            IdempotentPercent = random.Pick([0, 20, 60]),
            LeasePercent = random.Pick([0, 10, 30]),
            CompactPercent = random.Pick([0, 1, 4]),
            WindowEntries = random.Pick([3, 30, 300, 50_000]),
            KeepLogForOlderSnapshot = random.Percent(50),
            OverlapEntriesMax = random.Pick([0, 20, 4096]),
            AppendEntriesMax = random.Pick([1, 3, 4096]),
            InflightMessagesMax = random.Pick([2, 256]),
            CommittedEntriesMax = random.Pick([1, 8192]),
        };

        // What came later is drawn last, so that old seeds still mean what they meant.
        options = options with
        {
            Faults = options.Faults | (random.Percent(50) ? FaultClasses.HandOver : FaultClasses.None),
            StateCheckMs = random.Pick([100, 500, 500, 3000]),
        };
        var (changes, isWiped, every) = (random.Percent(options.Members == 1 ? 20 : 50), random.Percent(40), random.Pick([300, 800, 2000]));
        var authPercent = random.Pick([0, 0, 2, 5]);
        return options with
        {
            AuthPercent = authPercent,
            MembersEveryMs = changes ? every : 0,
            Faults = options.Faults | (changes && isWiped ? FaultClasses.Wipe : FaultClasses.None),
            RestMsMax = RestOf(options),
        };
    }

    /// <summary>The longest rest that leaves a run about so many operations as are worth their time.</summary>
    private static int RestOf(SimulationOptions options)
    {
        var each = Math.Max(40, OperationsWanted / options.Clients);
        var left = (options.SafetySeconds * 1000) - (each * ((options.ThinkMsMax / 2) + 2));
        return Math.Max(0, left) * 2 * RestEvery / each;
    }

    /// <summary>Many runs of one member, for they are cheap and see every fault of a disk; of the others most are of three.</summary>
    private static int DrawMembers(int percent) => percent switch
    {
        < 50 => 1,
        < 56 => 2,
        < 90 => 3,
        < 94 => 4,
        _ => 5,
    };

    internal bool Has(FaultClasses fault) => (Faults & fault) != 0;

    internal MvccOptions StoreOptions => TinyStore
        ? new MvccOptions { ChunkBytes = 4096, RunBytes = 256, LeafKeysMax = 4, LeafBytesMax = 256, FanOutMax = 4, SparsePercent = 90 }
        : new MvccOptions { ChunkBytes = 64 << 10 };

    internal WatchLimits WatchLimits => TinyWatches
        ? new WatchLimits
        {
            RingEventsMax = 3,
            RingBytesMax = 2000,
            TurnEvents = 2,
            TurnBytes = 600,
            TurnScan = 8,
            HardFactor = 2,
            JoinRevisionsMax = 4,
        }
        : WatchLimits.Default;

    /// <summary>Each class of faults is there in half of the runs: what masks a bug in one run is missing in another.</summary>
    private static FaultClasses DrawFaults(SimulationRandom random)
    {
        var faults = FaultClasses.None;
        for (var bit = 1; bit <= (int)FaultClasses.Partition; bit <<= 1)
        {
            if (random.Percent(50))
            {
                faults |= (FaultClasses)bit;
            }
        }

        return faults;
    }
}
