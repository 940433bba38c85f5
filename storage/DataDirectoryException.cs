namespace RestKv.Storage;

/// <summary>The data directory cannot be used as it is. The message is for the operator; the process ends with exit code 2.</summary>
public sealed class DataDirectoryException : Exception
{
    public DataDirectoryException(string message)
        : base(message)
    {
    }

    public DataDirectoryException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
