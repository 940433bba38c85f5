using System.Diagnostics;

namespace RestKv.LoadGen;

/// <summary>
/// Many watchers of one prefix and a few writers at a fixed rate: how many events arrive a second, and how late.
/// Says READY when all streams are open and begins to write at the next line of input, so that whoever drives it can look
/// at the server's memory in between.
/// </summary>
internal static class WatchRun
{
    private const int KeysWritten = 1000;
    private static readonly TimeSpan OpeningMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    public static int Run(LoadOptions options)
    {
        var total = (int)(options.Rate * options.Seconds);
        var sent = new long[total + 1];
        var opening = Stopwatch.StartNew();
        var links = Open(options);
        using var counter = new WatchCounter(links, sent);
        WaitUntil(() => counter.Opened == options.Watchers, OpeningMax);
        Console.WriteLine($"READY {counter.Opened} {opening.ElapsedMilliseconds}");
        Console.ReadLine();

        var puts = new Latencies();
        var began = Stopwatch.GetTimestamp();
        var pacer = Write(options, total, sent, puts);
        var wrote = Stopwatch.GetElapsedTime(began);
        var wanted = (long)total * options.Watchers;
        WaitUntil(() => counter.Events >= wanted, TimeSpan.FromSeconds(options.DrainSeconds));
        counter.Stop();
        Print(counter, puts, wanted, pacer.Bad, began, wrote);
        foreach (var link in links)
        {
            link.Dispose();
        }

        return 0;
    }

    /// <summary>Over HTTP/1.1 a watch has a connection to itself; with gRPC many share one, as a client library would have it.</summary>
    private static IWatchLink[] Open(LoadOptions options) => options.IsGrpc
        ? [.. Enumerable.Range(0, options.Watchers).Chunk(GrpcWatchLink.WatchesMax).Select(some => new GrpcWatchLink(options, some.Length))]
        : [.. Enumerable.Range(0, options.Watchers).Select(_ => new WatchStream(options))];

    private static PutPacer Write(LoadOptions options, int total, long[] sent, Latencies puts)
    {
        var pacer = new PutPacer(
            options,
            total,
            number => Puts.Request(options, 'w', number % KeysWritten, Values.Marked(number, options.ValueBytes)),
            (number, time) => Volatile.Write(ref sent[number], time),
            (_, from, ended) =>
            {
                lock (puts)
                {
                    puts.Add(Stopwatch.GetElapsedTime(from, ended));
                }
            });
        pacer.Start();
        pacer.Join();
        return pacer;
    }

    private static void WaitUntil(Func<bool> isDone, TimeSpan atMost)
    {
        var clock = Stopwatch.StartNew();
        while (!isDone() && clock.Elapsed < atMost)
        {
            Thread.Sleep(Look);
        }
    }

    private static void Print(
        WatchCounter counter, Latencies puts, long wanted, int bad, long began, TimeSpan wrote)
    {
        var delivering = counter.LastEvent > began ? Stopwatch.GetElapsedTime(began, counter.LastEvent) : wrote;
        Report.Print(json =>
        {
            json.WriteNumber("opened", counter.Opened);
            json.WriteNumber("closed", counter.Closed);
            json.WriteNumber("wanted", wanted);
            json.WriteNumber("requests", counter.Events);
            json.WriteNumber("errors", bad + counter.Closed);
            json.WriteNumber("per_second", Math.Round(counter.Events / delivering.TotalSeconds, 1));
            counter.Delays.WriteTo(json);
            json.WriteNumber("writing_s", Math.Round(wrote.TotalSeconds, 3));
            json.WriteNumber("delivering_s", Math.Round(delivering.TotalSeconds, 3));
            json.WriteNumber("bytes", counter.Bytes);
            puts.WriteTo(json, "put_");
        });
    }
}
