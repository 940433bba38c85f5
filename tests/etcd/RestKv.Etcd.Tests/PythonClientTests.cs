namespace RestKv.Etcd.Tests;

/// <summary>python3-etcd3, which speaks gRPC.</summary>
public sealed class PythonClientTests
{
    public static TheoryData<string> Scripts => [.. ClientProgram.Scripts("etcd3py")];

    [Theory]
    [MemberData(nameof(Scripts))]
    public Task Cannot_tell_the_stores_apart(string script) => ClientProgram.AgreesAsync(script);
}
