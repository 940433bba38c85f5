using System.Buffers.Binary;
using System.Text;

namespace RestKv.LoadGen;

/// <summary>The few HTTP/2 frames and header forms (RFC 9113, RFC 7541) that a load client sends.</summary>
internal static class FrameWriter
{
    public const int HeadBytes = 9;
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte Ping = 6;
    public const byte GoAway = 7;
    public const byte WindowUpdate = 8;
    public const byte Continuation = 9;
    public const byte EndStream = 1;
    public const byte Acknowledge = 1;
    public const byte EndHeaders = 4;

    /// <summary>A header field that enters the dynamic table, so that later requests name it in one byte.</summary>
    public static void AddRemembered(List<byte> block, int staticName, string value) =>
        AddText(block, (byte)(0x40 | staticName), null, value);

    /// <summary>The same for a name that is not in the static table.</summary>
    public static void AddRemembered(List<byte> block, string name, string value) => AddText(block, 0x40, name, value);

    public static void Head(Span<byte> into, int length, byte type, byte flags, int stream)
    {
        into[0] = (byte)(length >> 16);
        into[1] = (byte)(length >> 8);
        into[2] = (byte)length;
        into[3] = type;
        into[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(into[5..], stream);
    }

    private static void AddText(List<byte> block, byte first, string? name, string value)
    {
        block.Add(first);
        if (name is not null)
        {
            block.Add((byte)name.Length);
            block.AddRange(Encoding.ASCII.GetBytes(name));
        }

        block.Add((byte)value.Length);
        block.AddRange(Encoding.ASCII.GetBytes(value));
    }
}
