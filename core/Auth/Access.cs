namespace RestKv.Core.Auth;

/// <summary>What a permission allows on its keys.</summary>
[Flags]
public enum Access : byte
{
    None = 0,
    Read = 1,
    Write = 2,
    ReadWrite = Read | Write,

    /// <summary>Reads and writes, and over all keys also what runs the cluster: members, compaction, backups. Not users and roles.</summary>
    Admin = ReadWrite | 4,
}
