namespace RestKv.Api.Watch;

/// <summary>Says whether a stream may still show what it shows. Asked before anything of it is written; cheap while nothing changed.</summary>
internal interface IWatchGuard
{
    /// <summary>None while it may go on, else why it must end.</summary>
    WatchClosing Judge();
}
