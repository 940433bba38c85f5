namespace RestKv.Etcd.Tests;

/// <summary>Debian's etcdctl: every command.</summary>
public sealed class EtcdctlTests
{
    public static TheoryData<string> Scripts => [.. ClientProgram.Scripts("etcdctl")];

    [Theory]
    [MemberData(nameof(Scripts))]
    public Task Cannot_tell_the_stores_apart(string script) => ClientProgram.AgreesAsync(script);
}
