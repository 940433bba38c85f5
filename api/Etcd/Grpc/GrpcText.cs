using System.Globalization;
using System.Text;

namespace RestKv.Api.Etcd.Grpc;

/// <summary>How `grpc-message` carries any text: printable ASCII but the percent sign as it is, every other byte escaped.</summary>
internal static class GrpcText
{
    public static string Encode(string text)
    {
        var needsEscapes = text.AsSpan().ContainsAnyExceptInRange(' ', '~') || text.Contains('%', StringComparison.Ordinal);
        if (!needsEscapes)
        {
            return text;
        }

        var encoded = new StringBuilder(text.Length + 16);
        foreach (var one in Encoding.UTF8.GetBytes(text))
        {
            if (one is >= (byte)' ' and <= (byte)'~' and not (byte)'%')
            {
                encoded.Append((char)one);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{one:X2}");
            }
        }

        return encoded.ToString();
    }
}
