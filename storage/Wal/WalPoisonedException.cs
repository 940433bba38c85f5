namespace RestKv.Storage.Wal;

/// <summary>
/// The log was written to after a write or sync had failed. What is on disk is then unknown, so nothing may be
/// acknowledged any more: the process has to end, and recovery to look at what is really there.
/// </summary>
public sealed class WalPoisonedException(Exception cause)
    : Exception("the log refuses work since a write or sync failed: " + cause.Message, cause);
