namespace RestKv.Api.Watch;

/// <summary>Who is told that a cursor has something to read: its <see cref="Core.Watch.WatchCursor.Owner"/>.</summary>
internal interface ICursorOwner
{
    /// <summary>Called from any thread, once or more for the same events; to return at once.</summary>
    void Wake();
}
