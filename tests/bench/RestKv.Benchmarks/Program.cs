using System.Globalization;
using BenchmarkDotNet.Running;
using RestKv.Benchmarks;
using RestKv.Benchmarks.Ladder;

if (args is ["--smoke"])
{
    await LadderSmoke.RunAsync();
    Console.WriteLine("every rung of the ladder carries");
    return 0;
}

if (args is ["--mvcc", var keys])
{
    MvccFigures.Run(int.Parse(keys, CultureInfo.InvariantCulture), Console.Out);
    return 0;
}

BenchmarkSwitcher.FromAssembly(typeof(PutLadder).Assembly).Run(args, new BenchmarkSettings());
return 0;
