using System.Text;

namespace RestKv.Api.Security;

/// <summary>
/// How the server decodes `:authority`. Go clients of etcd put other things there, which Kestrel would reset the call for: 3.5.0
/// its list of addresses (`#initially=[http://host:2379;…]`), of which the first stands for it, and 3.4 the whole URL where it asks
/// one member (`http://host:2379`). Everything else is taken as it is and judged by the server.
/// </summary>
internal sealed class AuthorityText : Encoding
{
    public static readonly AuthorityText Instance = new();

    private static ReadOnlySpan<byte> ListStart => "#initially=["u8;

    private static ReadOnlySpan<byte> ClearText => "http://"u8;

    private static ReadOnlySpan<byte> Secure => "https://"u8;

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
        var address = FirstOf(text);
        var scheme = address.StartsWith(ClearText) ? ClearText.Length : address.StartsWith(Secure) ? Secure.Length : 0;
        return address.Length == scheme ? text : address[scheme..];
    }

    /// <summary>Of a list the first address; of everything else all.</summary>
    private static ReadOnlySpan<byte> FirstOf(ReadOnlySpan<byte> text)
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

        return end < 0 ? text : first[..end];
    }
}
