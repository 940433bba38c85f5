using System.Text;
using RestKv.Api.Etcd.Http;

namespace RestKv.Api.Tests.Etcd;

/// <summary>Where one document ends and the next begins, however the bytes come.</summary>
public sealed class JsonDocumentEndTests
{
    [Theory]
    [InlineData("{}{}", 2)]
    [InlineData("  {\"a\":[{}]} {", 12)]
    [InlineData("{\"}\":\"\\\"}\"}x", 11)]
    [InlineData("{\"a\":\"\\\\\"}x", 10)]
    [InlineData("nul", 1)]
    [InlineData("]", 1)]
    [InlineData("{\"a\":1", -1)]
    [InlineData("{\"}}}", -1)]
    [InlineData("   ", -1)]
    public void Braces_count_outside_of_strings(string text, int expected)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var end = new JsonDocumentEnd();

        Assert.Equal(expected, end.Find(bytes));

        var piecewise = new JsonDocumentEnd();
        var found = -1;
        for (var i = 0; i < bytes.Length && found < 0; i++)
        {
            found = piecewise.Find(bytes.AsSpan(i, 1)) < 0 ? -1 : i + 1;
        }

        Assert.Equal(expected, found);
    }
}
