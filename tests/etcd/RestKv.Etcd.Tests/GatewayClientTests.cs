namespace RestKv.Etcd.Tests;

/// <summary>python3-etcd3gw, which speaks JSON, and plain requests.</summary>
public sealed class GatewayClientTests
{
    public static TheoryData<string> Scripts => [.. ClientProgram.Scripts("etcd3gw")];

    [Theory]
    [MemberData(nameof(Scripts))]
    public Task Cannot_tell_the_stores_apart(string script) => ClientProgram.AgreesAsync(script);
}
