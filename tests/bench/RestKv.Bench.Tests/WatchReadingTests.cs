using System.Text;
using RestKv.LoadGen;

namespace RestKv.Bench.Tests;

public sealed class WatchReadingTests
{
    private const string Events =
        """
        event: put
        data: {"key":"w/00000000000007","value":"S00000007vvvv","modRev":9}

        data: {"key":"w/00000000000008","value":"no mark","modRev":10}

        data: {"key":"w/00000000000009","value":"S00000012vvvv","modRev":11}


        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Marks_are_found_wherever_the_payload_is_cut(bool isBase64)
    {
        var payload = Encoding.ASCII.GetBytes(isBase64 ? InBase64(Events) : Events);

        for (var first = 0; first <= payload.Length; first++)
        {
            for (var second = first; second <= Math.Min(first + 40, payload.Length); second++)
            {
                var found = new List<int>();
                var finder = new MarkFinder(MarkForm.OfJson(isBase64));
                finder.Take(payload.AsSpan(0, first), found.Add);
                finder.Take(payload.AsSpan(first, second - first), found.Add);
                finder.Take(payload.AsSpan(second), found.Add);
                Assert.Equal([7, 12], found);
            }
        }
    }

    [Fact]
    public void Marks_are_found_in_protobuf_wherever_it_is_cut()
    {
        var value = Encoding.ASCII.GetBytes(Values.Marked(7, 256));
        byte[] payload = [0, 0, 1, 0x2A, 0x80, 2, .. value, 9, 0x2A, 0x80, 2, .. new byte[256], 0x2A, 0x80, 2, .. value];

        for (var cut = 0; cut <= payload.Length; cut++)
        {
            var found = new List<int>();
            var finder = new MarkFinder(MarkForm.OfProtobuf(256));
            finder.Take(payload.AsSpan(0, cut), found.Add);
            finder.Take(payload.AsSpan(cut), found.Add);
            Assert.Equal([7, 7], found);
        }
    }

    [Fact]
    public void A_chunked_answer_is_read_wherever_the_network_cuts_it()
    {
        var answer = Encoding.ASCII.GetBytes(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1A;note\r\nabcdefghijklmnopqrstuvwxyz\r\n");

        for (var cut = 0; cut <= answer.Length; cut++)
        {
            var payload = new StringBuilder();
            var reader = new ChunkReader();
            reader.Take(answer.AsSpan(0, cut), bytes => payload.Append(Encoding.ASCII.GetString(bytes)));
            reader.Take(answer.AsSpan(cut), bytes => payload.Append(Encoding.ASCII.GetString(bytes)));
            Assert.True(reader.IsOpen);
            Assert.Equal("helloabcdefghijklmnopqrstuvwxyz", payload.ToString());
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    public void A_refused_or_ended_stream_is_an_error(string answer) =>
        Assert.Throws<InvalidDataException>(() => new ChunkReader().Take(Encoding.ASCII.GetBytes(answer), _ => { }));

    private static string InBase64(string events)
    {
        foreach (var value in new[] { "S00000007vvvv", "no mark", "S00000012vvvv" })
        {
            events = events.Replace(value, Puts.Base64(value), StringComparison.Ordinal);
        }

        return events;
    }
}
