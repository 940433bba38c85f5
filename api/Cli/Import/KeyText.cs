using System.Globalization;
using System.Text;
using Google.Protobuf;

namespace RestKv.Api.Cli.Import;

/// <summary>A key of any bytes for people to read, on one line of a terminal and no longer than that.</summary>
internal static class KeyText
{
    private const int BytesMax = 200;

    public static string Of(ByteString key)
    {
        var text = new StringBuilder("\"");
        var rest = key.Span[..Math.Min(key.Length, BytesMax)];
        while (!rest.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(rest, out var rune, out var count);
            if (status == System.Buffers.OperationStatus.Done && !IsHidden(rune))
            {
                text.Append(rune.Value is '"' or '\\' ? "\\" : "").Append(rune.ToString());
            }
            else
            {
                foreach (var one in rest[..count])
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\x{one:x2}");
                }
            }

            rest = rest[count..];
        }

        return text.Append(key.Length > BytesMax ? "…\"" : "\"").ToString();
    }

    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse;
}
