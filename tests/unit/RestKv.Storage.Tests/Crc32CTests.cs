using System.Text;

namespace RestKv.Storage.Tests;

public sealed class Crc32CTests
{
    /// <summary>RFC 3720, appendix B.4, and the usual check value.</summary>
    [Theory]
    [InlineData("", 0u)]
    [InlineData("123456789", 0xE3069283u)]
    public void Gives_the_published_values(string text, uint expected) =>
        Assert.Equal(expected, Crc32C.Compute(Encoding.ASCII.GetBytes(text)));

    [Theory]
    [InlineData(0x00, 0x8A9136AAu)]
    [InlineData(0xFF, 0x62A8AB43u)]
    public void Gives_the_published_values_of_32_equal_bytes(byte value, uint expected) =>
        Assert.Equal(expected, Crc32C.Compute([.. Enumerable.Repeat(value, 32)]));

    [Fact]
    public void Equals_the_bitwise_definition_at_every_length_and_split()
    {
        var bytes = new byte[67];
        new Random(1).NextBytes(bytes);

        for (var length = 0; length <= bytes.Length; length++)
        {
            var expected = Bitwise(bytes.AsSpan(0, length));
            Assert.Equal(expected, Crc32C.Compute(bytes.AsSpan(0, length)));
            for (var split = 0; split <= length; split++)
            {
                var state = Crc32C.Update(Crc32C.Start, bytes.AsSpan(0, split));
                Assert.Equal(expected, ~Crc32C.Update(state, bytes.AsSpan(split, length - split)));
            }
        }
    }

    [Fact]
    public void A_number_counts_as_its_eight_bytes_little_endian() =>
        Assert.Equal(
            Crc32C.Update(Crc32C.Start, [1, 2, 3, 4, 5, 6, 7, 8]),
            Crc32C.Update(Crc32C.Start, 0x0807060504030201UL));

    private static uint Bitwise(ReadOnlySpan<byte> bytes)
    {
        var state = 0xFFFFFFFFu;
        foreach (var value in bytes)
        {
            state ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                state = (state & 1) != 0 ? (state >> 1) ^ 0x82F63B78u : state >> 1;
            }
        }

        return ~state;
    }
}
