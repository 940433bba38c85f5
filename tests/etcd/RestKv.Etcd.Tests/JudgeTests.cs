namespace RestKv.Etcd.Tests;

/// <summary>That the judges of transcripts and of leaders find what is wrong.</summary>
public sealed class JudgeTests
{
    [Fact]
    public Task Judges_find_what_is_wrong() => ClientProgram.SucceedsAsync("support/judge_tests");

    [Fact]
    public void Every_client_has_scripts() =>
        Assert.All(["etcdctl", "etcd3gw", "etcd3py", "etcd3node"], client => Assert.NotEmpty(ClientProgram.Scripts(client)));
}
