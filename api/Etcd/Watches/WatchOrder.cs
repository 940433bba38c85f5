using RestKv.Api.Etcd.Messages;
using RestKv.Core.Model;
using RestKv.Core.Watch;

namespace RestKv.Api.Etcd.Watches;

/// <summary>What a client asks to watch, in the store's terms.</summary>
/// <param name="From">First revision wanted.</param>
internal sealed record WatchOrder(
    WatchFilter Filter, long From, bool WantsPrevious, bool WantsProgress, bool TakesFragments)
{
    private static readonly byte[] Nul = [0];

    /// <param name="revision">The store's: a watch that names no start begins behind it.</param>
    public static WatchOrder Of(WatchCreateRequest request, in KeyRange range, long revision) => new(
        new WatchFilter([WatchRange.Of(range)], TypesOf(request)),
        request.StartRevision == 0 ? revision + 1 : Math.Max(request.StartRevision, 1),
        request.PrevKv,
        request.ProgressNotify,
        request.Fragment);

    /// <summary>An empty key is the first one of all here, and nowhere else.</summary>
    public static KeyRange RangeOf(WatchCreateRequest request) =>
        KeyRanges.Of(request.Key.IsEmpty ? Nul : request.Key.Memory, request.RangeEnd.Memory);

    private static WatchTypes TypesOf(WatchCreateRequest request)
    {
        var types = WatchTypes.All;
        foreach (var filter in request.Filters)
        {
            types &= filter switch
            {
                WatchCreateRequest.Types.FilterType.Noput => ~WatchTypes.Put,
                WatchCreateRequest.Types.FilterType.Nodelete => ~WatchTypes.Delete,
                _ => WatchTypes.All,
            };
        }

        return types;
    }
}
