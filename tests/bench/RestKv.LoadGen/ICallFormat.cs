namespace RestKv.LoadGen;

/// <summary>One kind of call over HTTP/2: how it is asked and what a good answer looks like. Owned by one connection.</summary>
internal interface ICallFormat
{
    /// <summary>Upper bound of what <see cref="Write"/> writes.</summary>
    int BytesMax { get; }

    /// <summary>Writes a whole request as frames.</summary>
    /// <param name="isFirst">The first request of a connection teaches the server the headers; later ones name them.</param>
    /// <returns>Where the frames end, and how much of them counts against flow control.</returns>
    (int Written, int Charged) Write(Span<byte> into, int stream, int key, bool isFirst);

    /// <summary>Judges a header block of an answer. Told of every block of the connection, in order.</summary>
    bool IsGood(ReadOnlySpan<byte> headers);

    /// <summary>Whether an answer without a single byte of data is good.</summary>
    bool MayBeEmpty { get; }
}
