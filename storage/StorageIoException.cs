namespace RestKv.Storage;

/// <summary>A failed file operation with the operating system's error number.</summary>
public sealed class StorageIoException(string operation, string path, int errorNumber, string detail)
    : Exception($"{operation} {path}: {detail} (errno {errorNumber})")
{
    public string Operation { get; } = operation;

    public string Path { get; } = path;

    public int ErrorNumber { get; } = errorNumber;

    /// <summary>ENOSPC or EDQUOT: the one failure that can pass by itself.</summary>
    public bool IsNoSpace => ErrorNumber is ErrorNumbers.NoSpace or ErrorNumbers.QuotaExceeded;
}
