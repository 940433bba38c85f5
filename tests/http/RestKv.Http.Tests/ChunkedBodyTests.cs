using System.Globalization;
using System.Text;
using RestKv.Http.Tests.Support;
using RestKv.Testing;

namespace RestKv.Http.Tests;

/// <summary>Chunked bodies in every cut: the guard that looks at them must never disturb a proper one.</summary>
public sealed class ChunkedBodyTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task Proper_bodies_pass_however_they_are_cut()
    {
        var random = new SeededRandom(20261120);
        await using var connection = await node.ConnectAsync();
        for (var round = 0; round < 30; round++)
        {
            var value = Enumerable.Range(0, random.Next(0, 9000)).Select(_ => (byte)random.Next(0, 256)).ToArray();

            await WriteInPiecesAsync(connection, random, Request(random, value));
            var put = await connection.ReadResponseAsync("PUT");
            var get = await connection.SendAsync("GET", "/v1/kv/chunks");

            Assert.True(put.Status is 200 or 201, $"round {round}: {put.Status} {put.Text}");
            Assert.Equal(value, get.Body);
        }
    }

    [Fact]
    public async Task A_long_extension_is_refused_in_any_chunk_and_unread_bodies_too()
    {
        foreach (var method in (string[])["PUT", "GET"])
        {
            await using var connection = await node.ConnectAsync();
            await connection.WriteAsync(Encoding.ASCII.GetBytes(
                $"{method} /v1/kv/chunk-ext HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "2\r\nab\r\n3;" + new string('e', 3000) + "\r\nabc\r\n0\r\n\r\n"));

            var response = await connection.ReadResponseAsync(method);

            Assert.Equal(method == "PUT" ? 400 : 404, response.Status);
            Assert.True(await connection.IsClosedByServerAsync());
        }
    }

    private static byte[] Request(SeededRandom random, byte[] value)
    {
        var bytes = new List<byte>(Encoding.ASCII.GetBytes(
            "PUT /v1/kv/chunks HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"));
        for (var at = 0; at < value.Length;)
        {
            var length = Math.Min(value.Length - at, random.Next(1, 4000));
            var extension = random.Next(0, 3) == 0 ? ";x=" + new string('y', random.Next(0, 1000)) : "";
            bytes.AddRange(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length:X}{extension}\r\n")));
            bytes.AddRange(value.AsSpan(at, length));
            bytes.AddRange("\r\n"u8);
            at += length;
        }

        bytes.AddRange("0\r\n\r\n"u8);
        return [.. bytes];
    }

    private static async Task WriteInPiecesAsync(RawConnection connection, SeededRandom random, byte[] request)
    {
        for (var at = 0; at < request.Length;)
        {
            var length = Math.Min(request.Length - at, random.Next(1, 3000));
            await connection.WriteAsync(request[at..(at + length)]);
            at += length;
        }
    }
}
