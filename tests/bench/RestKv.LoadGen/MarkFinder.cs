using System.Buffers.Text;

namespace RestKv.LoadGen;

/// <summary>
/// Finds the numbers of puts in the payload of a watch, wherever the network cut it. Owned by the thread that reads the
/// stream.
/// </summary>
internal sealed class MarkFinder(MarkForm form)
{
    private readonly byte[] _start = form.Start;
    private readonly int _length = form.Bytes;
    private readonly byte[] _carried = new byte[form.Bytes];
    private int _carriedBytes;

    public void Take(ReadOnlySpan<byte> payload, Action<int> onMark)
    {
        if (_carriedBytes > 0)
        {
            Span<byte> seam = stackalloc byte[2 * _carried.Length];
            var added = Math.Min(payload.Length, _length - 1);
            _carried.AsSpan(0, _carriedBytes).CopyTo(seam);
            payload[..added].CopyTo(seam[_carriedBytes..]);
            Scan(seam[..(_carriedBytes + added)], _carriedBytes, onMark);
            if (payload.Length < _length - 1)
            {
                Carry(seam[..(_carriedBytes + added)]);
                return;
            }
        }

        Scan(payload, payload.Length, onMark);
        Carry(payload);
    }

    /// <summary>Marks that are whole and begin before a limit: those that begin later are found in the next scan.</summary>
    private void Scan(ReadOnlySpan<byte> bytes, int startsBefore, Action<int> onMark)
    {
        var at = 0;
        while (true)
        {
            var found = bytes[at..].IndexOf(_start);
            at += found;
            if (found < 0 || at >= startsBefore || at + _length > bytes.Length)
            {
                return;
            }

            if (Number(bytes.Slice(at + _start.Length, _length - _start.Length)) is { } number)
            {
                onMark(number);
            }

            at += _start.Length;
        }
    }

    private void Carry(ReadOnlySpan<byte> bytes)
    {
        _carriedBytes = Math.Min(bytes.Length, _length - 1);
        bytes[^_carriedBytes..].CopyTo(_carried);
    }

    private int? Number(ReadOnlySpan<byte> text)
    {
        Span<byte> plain = stackalloc byte[MarkForm.PlainBytes];
        if (!form.IsBase64)
        {
            text.CopyTo(plain);
        }
        else if (Base64.DecodeFromUtf8(text, plain, out _, out var written) != 0 || written != MarkForm.PlainBytes)
        {
            return null;
        }

        return plain[0] == Values.MarkLetter && Utf8Parser.TryParse(plain[1..], out int number, out var used)
            && used == Values.MarkDigits
            ? number
            : null;
    }
}
