using BenchmarkDotNet.Attributes;
using RestKv.Core.Mvcc;

namespace RestKv.Benchmarks;

/// <summary>What one operation on the multi-version store costs, without Raft, log and HTTP.</summary>
public class MvccBenchmarks
{
    private const int Batch = 20_000;

    private MvccData _data = new(0);
    private MvccData.SnapshotInMemory _snapshot = new();

    [Params(100_000, 1_000_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _data = new MvccData(Keys);
        _snapshot = _data.Snapshot();
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public int Lookup() => Repeat(_data.Lookup);

    [Benchmark(OperationsPerInvoke = Batch)]
    public int Range100() => Repeat(() => _data.Range(100));

    /// <summary>Every revision is given up soon, or memory would be what is measured.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public int Update() => Repeat(() =>
    {
        _data.Update();
        if (_data.State.Revision - _data.State.CompactedRevision > 100_000)
        {
            _data.State.Compact(_data.State.Revision);
        }

        _data.State.CompactStep(3);
        return 1;
    });

    [Benchmark]
    public long Restore() => MvccSnapshot.Read(_snapshot.Rewind(), MvccOptions.Default).KeyCount;

    private static int Repeat(Func<int> operation)
    {
        var sum = 0;
        for (var i = 0; i < Batch; i++)
        {
            sum += operation();
        }

        return sum;
    }
}
