using System.Text;

namespace RestKv.Api.Security;

/// <summary>
/// How the server decodes `:authority`. Go clients of etcd 3.5.0 put their list of addresses there
/// (`#initially=[http://host:2379;…]`), which is no authority and which Kestrel would reset the call for: the first address stands
/// for it. Everything else is taken as it is and judged by the server.
/// </summary>
internal sealed class AuthorityText : Encoding
{
    public static readonly AuthorityText Instance = new();

    private static ReadOnlySpan<byte> ListStart => "#initially=["u8;

    public override int GetByteCount(char[] chars, int index, int count) => count;

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        ASCII.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    public override int GetCharCount(byte[] bytes, int index, int count) => Authority(bytes.AsSpan(index, count)).Length;

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        var authority = Authority(bytes.AsSpan(byteIndex, byteCount));
        for (var i = 0; i < authority.Length; i++)
        {
            // What is not printable is no part of a host: the server refuses the question mark, too.
            chars[charIndex + i] = authority[i] is > (byte)' ' and <= (byte)'~' ? (char)authority[i] : '?';
        }

        return authority.Length;
    }

    public override int GetMaxByteCount(int charCount) => charCount;

    public override int GetMaxCharCount(int byteCount) => byteCount;

    private static ReadOnlySpan<byte> Authority(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith(ListStart))
        {
            return text;
        }

        var first = text[ListStart.Length..];
        var end = first.IndexOfAny((byte)';', (byte)',');
        if (end < 0)
        {
            // The list's own bracket, not one of an IPv6 address.
            end = first.LastIndexOf((byte)']');
        }

        if (end < 0)
        {
            return text;
        }

        first = first[..end];
        var scheme = first.IndexOf("://"u8);
        first = scheme < 0 ? first : first[(scheme + 3)..];
        return first.IsEmpty ? text : first;
    }
}
