using RestKv.Core.Watch;

namespace RestKv.Api.Endpoints;

/// <summary>The words for kinds of change.</summary>
internal static class WatchTypeNames
{
    public const string Expected = "types is put, delete or put,delete";

    public static bool TryParse(string? text, out WatchTypes types)
    {
        types = WatchTypes.All;
        if (text is null)
        {
            return true;
        }

        types = WatchTypes.None;
        foreach (var range in text.AsSpan().Split(','))
        {
            var type = text.AsSpan(range) switch
            {
                "put" => WatchTypes.Put,
                "delete" => WatchTypes.Delete,
                _ => WatchTypes.None,
            };
            if (type == WatchTypes.None)
            {
                return false;
            }

            types |= type;
        }

        return true;
    }
}
