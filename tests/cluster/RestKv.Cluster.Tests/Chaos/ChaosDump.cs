using System.Globalization;
using RestKv.Cluster.Tests.Support;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>Everything that a member has, as it tells it.</summary>
internal static class ChaosDump
{
    /// <summary>All changes up to a revision, after all members have told the same ones and hold the same entries.</summary>
    public static async Task<IReadOnlyList<StreamEvent>> SameEverywhereAsync(IReadOnlyList<ClusterMember> members, long revision)
    {
        var first = await ChangesAsync(members[0], revision);
        var entries = await EntriesAsync(members[0], revision);
        foreach (var member in members.Skip(1))
        {
            var changes = await ChangesAsync(member, revision);
            Assert.Equal(first.Select(change => (change.Id, change.Data)), changes.Select(change => (change.Id, change.Data)));
            Assert.Equal(entries, await EntriesAsync(member, revision));
        }

        return first;
    }

    private static async Task<List<StreamEvent>> ChangesAsync(ClusterMember member, long revision)
    {
        List<StreamEvent> changes = [];
        var last = 1L;
        using var reader = await EventReader.OpenAsync(member, "", from: 2, resumeAfter: -1, withPrevious: false, CancellationToken.None);
        while (last < revision)
        {
            var next = await reader.ReadAsync();
            Assert.True(next is not null, $"{member.Name} ended its history at {last} of {revision}");
            last = Math.Max(last, next.Id);
            if (next.IsChange)
            {
                changes.Add(next);
            }
        }

        return changes;
    }

    private static Task<string> EntriesAsync(ClusterMember member, long revision) => member.Client.GetStringAsync(string.Create(
        CultureInfo.InvariantCulture, $"/v1/kv?prefix=&limit=10000&consistency=local&minRev={revision}&rev={revision}"));
}
