namespace RestKv.Api.Etcd.Http;

/// <summary>
/// Finds where JSON objects end that follow each other in a stream, looking at each byte once. Only braces and strings are
/// understood: whether what lies between is JSON is for the reader to say.
/// </summary>
internal struct JsonDocumentEnd
{
    private int _depth;
    private bool _isInString;
    private bool _isEscaped;

    /// <summary>Bytes up to and with the end of the document that is being looked at; -1 when it goes on behind these.</summary>
    public int Find(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (Ends(bytes[i]))
            {
                return i + 1;
            }
        }

        return -1;
    }

    private bool Ends(byte one)
    {
        if (_isInString)
        {
            var wasEscaped = _isEscaped;
            _isEscaped = one == '\\' && !wasEscaped;
            _isInString = one != '"' || wasEscaped;
            return false;
        }

        switch (one)
        {
            case (byte)'"':
                _isInString = true;
                return false;
            case (byte)'{' or (byte)'[':
                _depth++;
                return false;
            case (byte)'}' or (byte)']':
                _depth--;
                return _depth <= 0;
            default:
                // What is no object is refused at its first byte: nobody waits for the end of a word.
                return _depth == 0 && one is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n');
        }
    }
}
