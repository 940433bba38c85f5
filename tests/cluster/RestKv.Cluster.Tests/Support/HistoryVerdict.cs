using System.Text;
using System.Text.Json;
using RestKv.Checkers.Model;
using RestKv.Checkers.Search;
using RestKv.Checkers.Witness;
using RestKv.Core.Commands;

namespace RestKv.Cluster.Tests.Support;

/// <summary>
/// Judges a history by both checkers. The order that the store claims is read from the versions it keeps of each key, which
/// also tells which of the unanswered writes have happened. Needs a store that nobody else wrote to.
/// </summary>
internal static class HistoryVerdict
{
    public static async Task CheckAsync(HistoryClients clients, ClusterMember member)
    {
        var history = clients.History;
        var order = new List<CommittedEntry>();
        foreach (var key in clients.Keys)
        {
            order.AddRange(await VersionsAsync(member, key));
        }

        order.Sort((left, right) => left.Revision.CompareTo(right.Revision));
        Assert.Empty(clients.Defects);
        Assert.Empty(WitnessChecker.Check(history, order).Violations);
        Assert.Equal((SearchVerdict.Linearizable, 0), Verdict(SearchChecker.Check(history)));
    }

    private static (SearchVerdict, int) Verdict(SearchReport report)
    {
        Assert.Empty(report.Violations);
        return (report.Verdict, report.Violations.Count);
    }

    private static async Task<List<CommittedEntry>> VersionsAsync(ClusterMember member, string key)
    {
        var entries = new List<CommittedEntry>();
        using var response = await member.Patient.GetAsync($"/v1/history/{key}?limit=10000");
        if (response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return entries;
        }

        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.False(json.RootElement.TryGetProperty("more", out _), "more versions than one page holds");
        foreach (var version in json.RootElement.GetProperty("versions").EnumerateArray())
        {
            var value = version.GetProperty("value").GetString()!;
            var put = new Operation.Put(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));
            var context = new ModelContext { WallMs = version.GetProperty("modAt").GetDateTimeOffset().ToUnixTimeMilliseconds() };
            entries.Add(new CommittedEntry(
                new Command.Write(put), context, HistoryClients.IdOf(value), version.GetProperty("modRev").GetInt64()));
        }

        return entries;
    }
}
