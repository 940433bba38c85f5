using RestKv.LoadGen;

namespace RestKv.Bench.Tests;

public sealed class RestCallsTests
{
    [Theory]
    [InlineData("88", true)]
    [InlineData("89", true)]
    [InlineData("2088", true)]
    [InlineData("0803323031", true)]
    [InlineData("4803323031", true)]
    [InlineData("8D", false)]
    [InlineData("8E", false)]
    [InlineData("0803353033", false)]
    [InlineData("0803343132", false)]
    [InlineData("", false)]
    public void Only_a_status_of_2xx_is_good(string headers, bool isGood) =>
        Assert.Equal(isGood, Calls("put").IsGood(Convert.FromHexString(headers)));

    [Fact]
    public void A_status_is_known_by_its_place_in_the_table_until_it_is_pushed_out()
    {
        var calls = Calls("put");

        Assert.True(calls.IsGood(Convert.FromHexString("4803323031")));
        Assert.False(calls.IsGood(Convert.FromHexString("4803353033")));
        Assert.True(calls.IsGood(Convert.FromHexString("BF")));
        Assert.False(calls.IsGood(Convert.FromHexString("BE")));

        // An etag of one letter takes 4 + 1 + 32 bytes: after 108 of them the two statuses of 42 bytes still fit.
        for (var i = 0; i < 108; i++)
        {
            Assert.False(calls.IsGood(Convert.FromHexString("620141")));
        }

        Assert.True(calls.IsGood(Convert.FromHexString("FF2C")));
        Assert.False(calls.IsGood(Convert.FromHexString("620141")));
        Assert.Throws<InvalidDataException>(() => calls.IsGood(Convert.FromHexString("FF2D")));
    }

    [Fact]
    public void A_put_is_headers_and_a_body_of_which_the_body_counts_against_flow_control()
    {
        var into = new byte[2048];

        var (written, charged) = Calls("put").Write(into, stream: 1, key: 42, isFirst: true);

        var headers = (into[0] << 16) | (into[1] << 8) | into[2];
        var body = into.AsSpan(FrameWriter.HeadBytes + headers, FrameWriter.HeadBytes);
        Assert.Equal(FrameWriter.Data, body[3]);
        Assert.Equal(FrameWriter.EndStream, body[4]);
        Assert.Equal(256, charged);
        Assert.Equal((2 * FrameWriter.HeadBytes) + headers + 256, written);
    }

    [Fact]
    public void A_get_has_no_body()
    {
        var into = new byte[2048];

        var (written, charged) = Calls("get").Write(into, stream: 3, key: 42, isFirst: false);

        Assert.Equal(0, charged);
        Assert.Equal(FrameWriter.EndHeaders | FrameWriter.EndStream, into[4]);
        Assert.Contains("k/00000000000042", System.Text.Encoding.ASCII.GetString(into, 0, written));
    }

    private static RestCalls Calls(string operation) => new(LoadOptions.Parse(["--op", operation]), "127.0.0.1:1");
}
