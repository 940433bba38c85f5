using System.Globalization;
using Microsoft.AspNetCore.Http;
using RestKv.Api.Http;
using RestKv.Core.Model;

namespace RestKv.Http.Tests;

public sealed class LastModifiedTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3_600_000)]
    public void Last_modified_is_never_later_than_date(long aheadMs)
    {
        var context = new DefaultHttpContext();
        var writtenMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() + aheadMs;

        Reply.SetEntryHeaders(context.Response, default(KeyValue) with { ModifiedAtMs = writtenMs }, -1);

        var headers = context.Response.Headers;
        var modified = DateTimeOffset.Parse(headers.LastModified.ToString(), CultureInfo.InvariantCulture);
        Assert.InRange(modified, DateTimeOffset.UnixEpoch, DateTimeOffset.Parse(headers.Date.ToString(), CultureInfo.InvariantCulture));
    }

    [Fact]
    public void What_was_written_long_ago_keeps_its_time()
    {
        var context = new DefaultHttpContext();

        Reply.SetEntryHeaders(context.Response, default(KeyValue) with { ModifiedAtMs = 1_000_000_000_000 }, -1);

        Assert.Equal("Sun, 09 Sep 2001 01:46:40 GMT", context.Response.Headers.LastModified);
        Assert.Equal(0, context.Response.Headers.Date.Count);
    }
}
