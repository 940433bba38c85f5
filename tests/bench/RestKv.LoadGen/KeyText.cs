namespace RestKv.LoadGen;

/// <summary>
/// The keys of every measurement: a letter, a slash and 14 decimal digits, 16 bytes in all. Dropping the last two (three)
/// digits gives a prefix of exactly 100 (1000) keys.
/// </summary>
internal static class KeyText
{
    public const int Length = 16;

    public static void Write(Span<byte> into, char space, int number)
    {
        into[0] = (byte)space;
        into[1] = (byte)'/';
        for (var i = Length - 1; i >= 2; i--)
        {
            into[i] = (byte)('0' + (number % 10));
            number /= 10;
        }
    }
}
