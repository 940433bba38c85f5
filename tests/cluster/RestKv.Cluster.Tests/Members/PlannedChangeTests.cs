using System.Text;
using RestKv.Cluster.Tests.Support;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Members;

/// <summary>
/// Members that leave, and leadership that moves, under clients on all members. Nothing has to fail, so nothing may: no request
/// is refused, and no connection breaks under one. Timeouts are far longer than these tests take, so that a machine that stands
/// still for a while brings none about.
/// </summary>
public sealed class PlannedChangeTests
{
    private const int ClientsPerMember = 2;
    private static readonly string[] Patient = ["--election-timeout", "5s", "--shutdown-timeout", "60s"];

    [Fact]
    public async Task No_request_fails_when_the_leader_is_told_to_stop()
    {
        await using var cluster = await ThreeMembers.StartAsync(Patient);
        var leader = await cluster.LeaderAsync();

        await UnderLoadAsync(cluster, async () => Assert.Equal(0, await leader.TerminateAsync()));

        Assert.DoesNotContain("\"event\":\"Fatal\"", leader.Log, StringComparison.Ordinal);
        Assert.NotEqual(leader, await cluster.LeaderAsync());
    }

    [Fact]
    public async Task No_request_fails_when_a_follower_is_told_to_stop()
    {
        await using var cluster = await ThreeMembers.StartAsync(Patient);
        var follower = await cluster.FollowerAsync();

        await UnderLoadAsync(cluster, async () => Assert.Equal(0, await follower.TerminateAsync()));
    }

    [Fact]
    public async Task No_request_fails_while_leadership_goes_round()
    {
        await using var cluster = await ThreeMembers.StartAsync(Patient);

        await UnderLoadAsync(cluster, async () =>
        {
            foreach (var next in cluster.Members.Concat(cluster.Members))
            {
                using var body = new StringContent($$"""{"member":"{{next.Name}}"}""", Encoding.UTF8, "application/json");
                using var moved = await cluster.Members[0].Client.PostAsync("/v1/cluster/leader", body);
                Assert.True(moved.IsSuccessStatusCode, await moved.Content.ReadAsStringAsync());
                Assert.Equal(next, await cluster.LeaderAsync());
            }
        });
    }

    private static async Task UnderLoadAsync(ThreeMembers cluster, Func<Task> change)
    {
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, ClientsPerMember * cluster.Members.Count)
            .Select(number => new PoliteClient(cluster.Members, number % cluster.Members.Count, number)).ToArray();
        var running = clients.Select(client => Task.Run(() => client.RunAsync(stop.Token))).ToArray();
        try
        {
            await AllGoOnAsync();
            await change();
            await AllGoOnAsync();
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(running);
        }

        Assert.Empty(clients.SelectMany(client => client.Failures));

        async Task AllGoOnAsync()
        {
            var before = clients.Select(client => client.Answered).ToArray();
            await Eventually.TrueAsync(
                () => clients.Zip(before).All(pair => pair.First.Answered >= pair.Second + 10), "every client to go on", cluster.ReadLogs);
        }
    }
}
