namespace RestKv.Etcd.Tests;

/// <summary>
/// Patroni keeps PostgreSQL going over three members: the short form of `tests/etcd/patroni/run`. Alone, for the first has to be
/// done in a given time.
/// </summary>
[Collection(Alone)]
public sealed class PatroniTests
{
    internal const string Alone = "Patroni";

    [Fact]
    public Task One_node_becomes_leader_within_15_seconds_and_writes_its_keys() => ClientProgram.PatroniAsync("one-node", "--within", "15");

    [Fact]
    public Task A_replica_takes_over_from_a_primary_that_is_gone() => ClientProgram.PatroniAsync("failover");
}

/// <summary>Nothing runs beside these.</summary>
[CollectionDefinition(PatroniTests.Alone, DisableParallelization = true)]
public sealed class PatroniAlone;
