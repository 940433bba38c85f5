using RestKv.Api.Etcd.Grpc;

namespace RestKv.Api.Tests.Etcd.Grpc;

/// <summary>Texts of refusals in a header.</summary>
public sealed class GrpcTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("etcdserver: key is not provided", "etcdserver: key is not provided")]
    [InlineData("~ \"quoted\" ~", "~ \"quoted\" ~")]
    [InlineData("100%", "100%25")]
    [InlineData("a\r\nb\0", "a%0D%0Ab%00")]
    [InlineData("ü€😀", "%C3%BC%E2%82%AC%F0%9F%98%80")]
    [InlineData("\u007f", "%7F")]
    public void Only_printable_ascii_stays_as_it_is(string text, string encoded)
    {
        Assert.Equal(encoded, GrpcText.Encode(text));
        Assert.Equal(text, Uri.UnescapeDataString(encoded));
    }
}
