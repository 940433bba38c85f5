using System.Text;

namespace RestKv.Http.Tests.Etcd.Grpc;

/// <summary>A frame as it came.</summary>
internal sealed record RawHttp2Frame(byte Type, byte Flags, int Stream, byte[] Payload)
{
    public bool EndsStream => (Flags & RawHttp2.EndStream) != 0;

    /// <summary>The server does not compress texts, so what a block of headers says can be seen in it.</summary>
    public string Text => Encoding.Latin1.GetString(Payload);
}
