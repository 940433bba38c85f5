namespace RestKv.Cluster.Tests.Support;

/// <summary>One cluster for all tests of a class, whole again at the begin of each.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    private ThreeMembers? _members;

    internal async Task<ThreeMembers> GetAsync()
    {
        await _members!.RepairAsync();
        return _members;
    }

    public async Task InitializeAsync() => _members = await ThreeMembers.StartAsync();

    public async Task DisposeAsync() => await _members!.DisposeAsync();
}
