using System.Diagnostics;

namespace RestKv.LoadGen;

/// <summary>Runs the connections of one closed-loop measurement, a thread each, and reports what they saw together.</summary>
internal static class ClosedLoop
{
    public static int Run(LoadOptions options, Func<string, ICallFormat> format)
    {
        var connections = Math.Min(options.Connections, options.Callers);
        var plan = new LoadPlan(options);
        var links = Enumerable.Range(0, connections).Select(number => new HttpTwoLink(
            plan, format($"127.0.0.1:{options.Port}"), options.Port, number, Share(options.Callers, connections, number)));
        var all = links.ToArray();
        var threads = all.Select(link => new Thread(link.Run)).ToArray();
        plan.Begin();
        var clock = Stopwatch.StartNew();
        foreach (var thread in threads)
        {
            thread.Start();
        }

        if (options.Count == 0)
        {
            Thread.Sleep(TimeSpan.FromSeconds(options.WarmupSeconds + options.Seconds));
            plan.Stop();
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }

        Print(all, options.Count > 0 ? clock.Elapsed.TotalSeconds : options.Seconds);
        foreach (var link in all)
        {
            link.Dispose();
        }

        return 0;
    }

    private static int Share(int callers, int connections, int number) =>
        (callers / connections) + (number < callers % connections ? 1 : 0);

    private static void Print(HttpTwoLink[] links, double seconds)
    {
        var latencies = new Latencies();
        foreach (var link in links)
        {
            latencies.Merge(link.Latencies);
        }

        Report.Print(json =>
        {
            json.WriteNumber("requests", latencies.Count);
            json.WriteNumber("all_requests", links.Sum(link => link.Good));
            json.WriteNumber("errors", links.Sum(link => link.Bad));
            json.WriteNumber("per_second", Math.Round(latencies.Count / seconds, 1));
            latencies.WriteTo(json);
        });
    }
}
