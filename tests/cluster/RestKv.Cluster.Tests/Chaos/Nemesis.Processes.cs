namespace RestKv.Cluster.Tests.Chaos;

/// <summary>Processes that die, hang or are stopped on purpose.</summary>
internal sealed partial class Nemesis
{
    private async Task KillAsync(bool ofLeader)
    {
        var victim = await VictimAsync(ofLeader);
        await victim.KillAsync();
        await HoldAsync("kill");
        victim.Start();
    }

    /// <summary>As when the power goes: all at once, while writes are on their way.</summary>
    private async Task KillAllAsync()
    {
        await Task.WhenAll(cluster.Members.Select(member => member.KillAsync()));
        foreach (var member in cluster.Members)
        {
            member.Start();
        }
    }

    private async Task PauseAsync(bool ofLeader)
    {
        var victim = await VictimAsync(ofLeader);
        await victim.PauseAsync();
        try
        {
            await HoldAsync("pause");
        }
        finally
        {
            await victim.ResumeAsync();
        }
    }

    private async Task RestartAllAsync()
    {
        foreach (var member in cluster.Members)
        {
            Assert.Equal(0, await member.TerminateAsync());
            await ProgressAsync("restart");
            member.Start();
            await cluster.UntilWholeAsync();
        }
    }

    private async Task TransferAsync()
    {
        var leader = await cluster.LeaderAsync();
        var next = AnyBut(leader);
        await AskAsync(HttpMethod.Post, "/v1/cluster/leader", $$"""{"member":"{{next.Name}}"}""");
        await HoldAsync("transfer");
    }
}
