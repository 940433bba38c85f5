using System.Diagnostics;
using System.Globalization;
using RestKv.Core.Mvcc;

namespace RestKv.Benchmarks;

/// <summary>The figures of core/Mvcc/DESIGN.md in one quick run; BenchmarkDotNet's are steadier and take longer.</summary>
internal static class MvccFigures
{
    public static void Run(int keys, TextWriter output)
    {
        var start = GC.GetTotalMemory(forceFullCollection: true);
        var data = new MvccData(0);
        Report(output, "insert", keys, () => data = new MvccData(keys));
        var heap = GC.GetTotalMemory(forceFullCollection: true) - start;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"heap bytes a key beyond key and value: {((double)heap / keys) - 280:f1}"));
        Report(output, "full blocking collection", 1, static () => GC.Collect(2, GCCollectionMode.Forced, blocking: true));
        var count = Math.Min(keys, 1_000_000);
        Report(output, "lookup", count, () => Repeat(count, data.Lookup));
        Report(output, "range of 100", count / 50, () => Repeat(count / 50, () => data.Range(100)));
        Report(output, "update", count, () => Repeat(count, Do(data.Update)));
        Report(output, "insert into full", count, () => Repeat(count, Do(data.Insert)));
        var snapshot = new MvccData.SnapshotInMemory();
        Report(output, "snapshot, all in the log", 1, () => snapshot = data.Snapshot());
        Report(output, "restore of it", 1, () => MvccSnapshot.Read(snapshot, MvccOptions.Default));
        var worst = TimeSpan.Zero;
        Report(output, "compaction of all", 1, () => worst = Compact(data.State));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"worst slice of 200 records: {worst.TotalMicroseconds:f0} us"));
        Report(output, "snapshot, all settled", 1, () => snapshot = data.Snapshot());
        Report(output, "restore of it", 1, () => MvccSnapshot.Read(snapshot, MvccOptions.Default));
    }

    private static TimeSpan Compact(MvccState state)
    {
        state.Compact(state.Revision);
        var worst = TimeSpan.Zero;
        var hasMore = true;
        while (hasMore)
        {
            var from = Stopwatch.GetTimestamp();
            hasMore = state.CompactStep(200);
            var took = Stopwatch.GetElapsedTime(from);
            worst = took > worst ? took : worst;
        }

        return worst;
    }

    private static Func<int> Do(Action action) => () =>
    {
        action();
        return 0;
    };

    private static void Repeat(int count, Func<int> action)
    {
        for (var i = 0; i < count; i++)
        {
            action();
        }
    }

    private static void Report(TextWriter output, string what, int operations, Action action)
    {
        var from = Stopwatch.GetTimestamp();
        action();
        var took = Stopwatch.GetElapsedTime(from);
        output.WriteLine(operations == 1
            ? string.Create(CultureInfo.InvariantCulture, $"{what}: {took.TotalMilliseconds:f1} ms")
            : string.Create(CultureInfo.InvariantCulture, $"{what}: {took.TotalNanoseconds / operations:f0} ns"));
    }
}
