namespace RestKv.Api.Watch;

/// <summary>Someone who watches, with one cursor or with many. Both calls may come from any thread, and are to return at once.</summary>
internal interface IWatchClient
{
    /// <summary>There may be something to see: a compaction went by.</summary>
    void Wake();

    /// <summary>Asks it to end.</summary>
    void Close(WatchClosing reason);
}
