namespace RestKv.Etcd.Tests;

/// <summary>Patroni keeps PostgreSQL going over three members; the short form of `tests/etcd/patroni/run`.</summary>
public sealed class PatroniTests
{
    [Fact]
    public Task One_node_becomes_leader_and_writes_its_keys() => ClientProgram.PatroniAsync("one-node");

    [Fact]
    public Task A_replica_takes_over_from_a_primary_that_is_gone() => ClientProgram.PatroniAsync("failover");

    [Fact]
    public Task A_primary_stays_one_while_leaders_of_the_store_are_killed_and_paused() => ClientProgram.PatroniAsync("disturbed-store");

    [Fact]
    public Task Nodes_log_in_again_when_their_tokens_have_ended() => ClientProgram.PatroniAsync("authentication");
}
