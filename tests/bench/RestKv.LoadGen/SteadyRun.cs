using System.Diagnostics;

namespace RestKv.LoadGen;

/// <summary>
/// A steady stream of puts whose times are kept by window: each line on standard input ends a window and names the next,
/// the end of the input ends the run. So whoever drives it can tell what puts cost before, during and after an event.
/// </summary>
internal static class SteadyRun
{
    private const int WindowsMax = 64;

    public static int Run(LoadOptions options)
    {
        var gate = new Lock();
        var windows = new List<(string Name, Latencies Latencies, long Began)>();
        var value = new string('v', options.ValueBytes);
        var pacer = new PutPacer(
            options, int.MaxValue, number => Puts.Request(options, 'k', KeyOf(options, number), value), (_, _) => { }, Done);
        Open("first");
        pacer.Start();
        Console.WriteLine("READY");
        while (windows.Count < WindowsMax && Console.ReadLine() is { } name)
        {
            Open(name);
        }

        pacer.Stop();
        pacer.Join();
        Print(windows, pacer.Bad);
        return 0;

        // A lock rather than a queue: a few thousand puts a second, each held for a fraction of a microsecond.
        void Open(string name)
        {
            lock (gate)
            {
                windows.Add((name, new Latencies(), Stopwatch.GetTimestamp()));
            }
        }

        // A put belongs to the window in which it ended: a stall that outlasts a window is charged to the later one.
        void Done(int number, long from, long ended)
        {
            lock (gate)
            {
                windows[^1].Latencies.Add(Stopwatch.GetElapsedTime(from, ended));
            }
        }
    }

    /// <summary>Spreads the keys: neighbours in time are no neighbours in the tree.</summary>
    private static int KeyOf(LoadOptions options, int number) => (int)(number * 7919L % options.Keys);

    private static void Print(List<(string Name, Latencies Latencies, long Began)> windows, int bad)
    {
        Report.Print(json =>
        {
            json.WriteNumber("errors", bad);
            json.WriteStartArray("windows");
            for (var i = 0; i < windows.Count; i++)
            {
                var end = i + 1 < windows.Count ? windows[i + 1].Began : Stopwatch.GetTimestamp();
                json.WriteStartObject();
                json.WriteString("name", windows[i].Name);
                json.WriteNumber("seconds", Math.Round(Stopwatch.GetElapsedTime(windows[i].Began, end).TotalSeconds, 3));
                json.WriteNumber("requests", windows[i].Latencies.Count);
                windows[i].Latencies.WriteTo(json);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }
}
