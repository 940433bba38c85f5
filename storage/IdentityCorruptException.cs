namespace RestKv.Storage;

/// <summary>The identity file is damaged: whose data this is cannot be told.</summary>
public sealed class IdentityCorruptException(long offset, string detail)
    : CorruptDataException(IdentityFile.FileName, offset, $"{IdentityFile.FileName} is damaged at offset {offset}: {detail}");
