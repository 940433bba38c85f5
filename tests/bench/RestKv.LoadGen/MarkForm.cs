namespace RestKv.LoadGen;

/// <summary>How the number of a put looks in the payload of a watch: the bytes before it, and whether it is base64.</summary>
internal sealed record MarkForm(byte[] Start, bool IsBase64)
{
    public const int PlainBytes = 1 + Values.MarkDigits;

    private const byte ValueField = (5 << 3) | 2;

    public static MarkForm OfJson(bool isBase64) => new("\"value\":\""u8.ToArray(), isBase64);

    /// <summary>In protobuf a value stands behind its field and its length.</summary>
    public static MarkForm OfProtobuf(int valueBytes)
    {
        List<byte> start = [ValueField];
        for (; valueBytes > 127; valueBytes >>= 7)
        {
            start.Add((byte)(valueBytes | 128));
        }

        return new([.. start, (byte)valueBytes], false);
    }

    public int Bytes => Start.Length + (IsBase64 ? (PlainBytes + 2) / 3 * 4 : PlainBytes);
}
