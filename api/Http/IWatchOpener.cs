using RestKv.Core.Model;

namespace RestKv.Api.Http;

/// <summary>Answers a key or list URL that was asked for as `text/event-stream`. Implemented by the watch endpoints.</summary>
internal interface IWatchOpener
{
    /// <summary>
    /// Streams the changes of the range until the client leaves. It reads the query by itself: all parameters of a watch may
    /// be given. Without a range the query names what to watch.
    /// </summary>
    Task OpenAsync(HttpContext context, KeyRange? range);
}
