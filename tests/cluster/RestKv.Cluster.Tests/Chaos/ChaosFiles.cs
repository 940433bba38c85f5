using System.Text.Json;
using RestKv.Checkers.History;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>A failed run on disk: enough to judge its history again, and to see what the members said.</summary>
internal static class ChaosFiles
{
    private const string HistoryName = "history.jsonl";
    private const string EventsName = "events.jsonl";

    public static string Save(ChaosEvidence? evidence, string report, string logs)
    {
        var folder = Directory.CreateTempSubdirectory("restkv-chaos-").FullName;
        File.WriteAllText(Path.Join(folder, "report.txt"), report);
        File.WriteAllText(Path.Join(folder, "members.log"), logs);
        if (evidence is not null)
        {
            using (var history = new StreamWriter(Path.Join(folder, HistoryName)))
            {
                HistoryJson.WriteAll(history, evidence.Operations);
            }

            File.WriteAllLines(
                Path.Join(folder, EventsName), evidence.Events.Select(one => JsonSerializer.Serialize(one)));
            File.WriteAllLines(
                Path.Join(folder, "watches.txt"),
                evidence.Streams.SelectMany(stream => stream.Connections.SelectMany(connection =>
                    connection.Frames.Select(frame => $"watch {stream.Id} from {connection.From}: {frame}"))));
        }

        return folder;
    }

    /// <summary>What the linearizability checkers need; watches and leases are judged when they happen.</summary>
    public static ChaosEvidence Load(string folder)
    {
        using var history = new StreamReader(Path.Join(folder, HistoryName));
        return new ChaosEvidence
        {
            Operations = HistoryJson.ReadAll(history),
            Events = [.. File.ReadLines(Path.Join(folder, EventsName)).Select(line => JsonSerializer.Deserialize<StreamEvent>(line)!)],
            EndOfRun = 0,
        };
    }
}
