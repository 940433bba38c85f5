namespace RestKv.Storage;

/// <summary>
/// Bytes that were promised to be durable are not what was written. Storage refuses rather than guesses; the process
/// ends with exit code 3 and the operator is told the place.
/// </summary>
public abstract class CorruptDataException : Exception
{
    private protected CorruptDataException(string file, long offset, string message)
        : base(message)
    {
        File = file;
        Offset = offset;
    }

    /// <summary>Path of the damaged file, relative to the data directory.</summary>
    public string File { get; }

    /// <summary>Where in the file the first bad bytes were met.</summary>
    public long Offset { get; }
}
