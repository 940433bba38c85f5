using System.Globalization;
using System.Text.RegularExpressions;
using RestKv.Cluster.Tests.Support;

namespace RestKv.Cluster.Tests.Members;

/// <summary>A leader that is stopped on purpose.</summary>
public sealed partial class HandoverTests
{
    [Fact]
    public async Task A_leader_that_is_asked_to_stop_has_another_take_over_first()
    {
        await using var cluster = await ThreeMembers.StartAsync();
        var leader = await cluster.LeaderAsync();
        var term = (await leader.StatusAsync())!.Value.GetProperty("term").GetInt64();

        Assert.Equal(0, await leader.TerminateAsync());

        var followed = FollowedIn().Matches(leader.Log).Select(match => long.Parse(match.Groups["term"].ValueSpan, CultureInfo.InvariantCulture));
        Assert.Contains(followed, next => next > term);
        Assert.NotEqual(leader, await cluster.LeaderAsync());
    }

    [GeneratedRegex("role Follower in term (?<term>[0-9]+)")]
    private static partial Regex FollowedIn();
}
