using RestKv.Raft;

namespace RestKv.Storage.Wal;

/// <summary>The log is damaged below a place that is known to have been durable: nothing may be cut there.</summary>
public sealed class WalCorruptException(string file, long offset, LogIndex index, string detail)
    : CorruptDataException(file, offset, $"{file} is damaged at offset {offset}, log index {index}: {detail}")
{
    /// <summary>The first log index that cannot be read back.</summary>
    public LogIndex Index { get; } = index;
}
