namespace RestKv.Storage.Wal;

/// <summary>What a record of the log says.</summary>
internal enum WalRecordKind : byte
{
    /// <summary>A log entry; it replaces everything from its index on.</summary>
    Entry = 1,

    /// <summary>Term, vote and commit hint.</summary>
    HardState = 2,

    /// <summary>A received snapshot takes the place of the log, which goes on after it.</summary>
    Restart = 3,

    /// <summary>The last <see cref="Restart"/>, repeated at the start of a segment so that older ones may go.</summary>
    Base = 4,
}
