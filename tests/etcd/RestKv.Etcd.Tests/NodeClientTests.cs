namespace RestKv.Etcd.Tests;

/// <summary>The etcd3 client for Node, which speaks gRPC.</summary>
public sealed class NodeClientTests
{
    public static TheoryData<string> Scripts => [.. ClientProgram.Scripts("etcd3node")];

    [Theory]
    [MemberData(nameof(Scripts))]
    public Task Cannot_tell_the_stores_apart(string script) => ClientProgram.AgreesAsync(script);
}
