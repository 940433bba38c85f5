using System.Diagnostics.CodeAnalysis;
using BenchmarkDotNet.Attributes;

namespace RestKv.Benchmarks.Ladder;

/// <summary>
/// Durable puts of 256 bytes, layer by layer and by the number of callers that wait at a time. Read it downwards: the
/// time of a rung less the time of the rung before it is what that layer takes.
/// </summary>
public class PutLadder
{
    private const int Puts = 4096;

    private ILadderRung? _rung;

    [Params(LadderRungs.RawSync, LadderRungs.LogAppend, LadderRungs.Replica, LadderRungs.Http)]
    public LadderRungs Rung { get; set; }

    [Params(1, 64, 1000)]
    public int Callers { get; set; }

    [GlobalSetup]
    [SuppressMessage("Usage", "VSTHRD002", Justification = "The in-process toolchain does not wait for a setup that is a task.")]
    public void Open() => _rung = Rung.OpenAsync().GetAwaiter().GetResult();

    [IterationSetup]
    public void Prepare() => _rung?.Prepare();

    [Benchmark(OperationsPerInvoke = Puts)]
    public Task PutAsync() => _rung?.PutAsync(Puts, Callers) ?? throw new InvalidOperationException("not open");

    [GlobalCleanup]
    public async Task CloseAsync()
    {
        if (_rung is not null)
        {
            await _rung.DisposeAsync();
        }
    }
}
